import { redisBus } from "../../../../src/transports/redis.ts";
import { type Proxy, startProxy } from "../../proxy.ts";
import { type ClientKind, clientKinds, type ConnectedClient } from "../../redis/clients.ts";
import { startRedis } from "../../redis/server.ts";
import { PROCESSES } from "../schedule.ts";
import type { Process, World, Worlds } from "../world.ts";

/** Processes on a Redis, one schedule after the other. */
export async function redisWorlds(): Promise<Worlds> {
  const server = await startRedis({ persists: true });
  const [ownKind] = clientKinds;
  let schedules = 0;
  return {
    async create({ bounds, onError }): Promise<World> {
      const own = await ownKind!.connect(server.url);
      await own.send("FLUSHALL");
      // Or it would have to go through everything that ever was, at each start.
      await own.send("BGREWRITEAOF").catch((error: unknown) => {
        // That of the schedule before is not over on a slow machine: the next one rewrites again.
        if (!String(error).includes("already in progress")) throw error;
      });
      const prefix = `faults-${++schedules}`;
      const parts: { client: ConnectedClient; proxy: Proxy; process: Process }[] = [];
      for (let i = 0; i < PROCESSES; i++) {
        const proxy = await startProxy(server.port);
        const kind = clientKinds[i % clientKinds.length]!;
        const client = await connectThrough(proxy, kind);
        const bus = redisBus({ client: client.client, prefix, ...bounds, onError: onError(i) });
        parts.push({ client, proxy, process: { bus, ...proxy } });
      }
      const run = (kind: string, name: string) => `${prefix}:${kind}:${name}`;
      return {
        processes: parts.map(({ process }) => process),
        wipe: async () => void await own.send("FLUSHALL"),
        restart: () => server.restart(),
        async evict(name, what) {
          const keys = [
            [run("e", name)],
            [run("m", name)],
            [run("e", name), run("m", name)],
            [`${prefix}:o`],
          ];
          await own.send("DEL", ...keys[what]!);
        },
        async punch(name) {
          const entries = await own.send("LRANGE", run("e", name), "0", "-1") as string[];
          const entry = entries[Math.floor(entries.length / 2)];
          if (entry !== undefined) await own.send("LREM", run("e", name), "1", entry);
        },
        turn: () => new Promise((resolve) => setTimeout(resolve, 3)),
        async end() {
          for (const { client, proxy, process } of parts) {
            await process.bus.close({ timeoutMs: 100 });
            await client.close();
            await proxy.close();
          }
          await own.close();
        },
      };
    },
    stop: () => server.stop(),
  };
}

function connectThrough({ port }: Proxy, { connect }: ClientKind): Promise<ConnectedClient> {
  return connect(`redis://127.0.0.1:${port}`);
}
