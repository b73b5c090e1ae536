import type { NatsConnection } from "@nats-io/nats-core";
import { natsBus } from "@locus/core/transports/nats";
import { askJetStream, connectTo, deleteStream } from "../../nats/connections.ts";
import { startNats } from "../../nats/server.ts";
import { type Proxy, startProxy } from "../../proxy.ts";
import { PROCESSES, RUNS } from "../schedule.ts";
import type { Process, World, Worlds } from "../world.ts";

/** Processes on a NATS, one schedule after the other. */
export async function natsWorlds(): Promise<Worlds> {
  const server = await startNats({ isSupervised: true });
  let schedules = 0;
  return {
    async create({ bounds, onError }): Promise<World> {
      const own = await connectTo(server.url);
      const prefix = `faults-${++schedules}`;
      const parts: { connection: NatsConnection; proxy: Proxy; process: Process }[] = [];
      for (let i = 0; i < PROCESSES; i++) {
        const proxy = await startProxy(server.port);
        const connection = await connectTo(`nats://127.0.0.1:${proxy.port}`);
        const bus = natsBus({ connection, prefix, ...bounds, onError: onError(i) });
        // A process has one connection, for everything.
        parts.push({ connection, proxy, process: { bus, ...proxy, cut: () => proxy.cut() } });
      }
      return {
        processes: parts.map(({ process }) => process),
        wipe: () => deleteStream(own, prefix),
        restart: () => server.restart(),
        async evict(run, what) {
          const filter = what === 3 ? undefined : `${prefix}.run.${run}`;
          await askJetStream(own, `STREAM.PURGE.${prefix}`, { filter });
        },
        punch: () => punch(own, prefix),
        turn: () => new Promise((resolve) => setTimeout(resolve, 3)),
        async end() {
          for (const { connection, proxy, process } of parts) {
            await process.bus.close({ timeoutMs: 100 });
            await connection.close();
            await proxy.close();
          }
          // A server has room for so many of them.
          await deleteStream(own, prefix);
          await own.close();
        },
      };
    },
    stop: () => server.stop(),
  };
}

/** Deletes a message in the middle; not the last of a run, without which that would fall back to an older state. */
async function punch(own: NatsConnection, prefix: string): Promise<void> {
  const kept = new Set<unknown>();
  for (const subject of [...RUNS.map((run) => `${prefix}.run.${run}`), `${prefix}.mark`]) {
    const { message } = await askJetStream(own, `STREAM.MSG.GET.${prefix}`, {
      last_by_subj: subject,
    }) as { message?: { seq: number } };
    kept.add(message?.seq);
  }
  const { state } = await askJetStream(own, `STREAM.INFO.${prefix}`) as {
    state?: { first_seq: number; last_seq: number };
  };
  if (state === undefined) return;
  for (let seq = Math.floor((state.first_seq + state.last_seq) / 2); seq > 0; seq--) {
    if (kept.has(seq)) continue;
    return void await askJetStream(own, `STREAM.MSG.DELETE.${prefix}`, { seq });
  }
}
