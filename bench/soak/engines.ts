/**
 * What a soak runs on: a bus in memory, or one over a Redis of its own, and what can go wrong with each.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Bus, EventBus } from "@locus/core";
import { redisBus } from "@locus/core/transports/redis";
import { startProxy } from "../../tests/transports/proxy.ts";
import { connectNodeRedis } from "../../tests/transports/redis/clients.ts";
import { startRedis } from "../../tests/transports/redis/server.ts";

/** A fault, by the name that the report gives it. */
export interface Fault {
  readonly name: string;
  /** @param awayMs How long something is out of reach. */
  act(awayMs: number): Promise<void> | void;
  /** Whether it takes away what was stored. */
  readonly empties?: boolean;
}

/** A bus at work. */
export interface Engine {
  readonly bus: Bus;
  readonly faults: readonly Fault[];
  stop(): Promise<void>;
}

/** How much an engine keeps: more than the runs that are alive, and not all that ever were. */
export interface Bounds {
  readonly maxRunsRetained: number;
  readonly historyPerRun: number;
}

/** How engines are started, by name. */
export const engines: Readonly<Record<string, (bounds: Bounds) => Promise<Engine>>> = {
  memory: (bounds) => {
    const bus = new EventBus(bounds);
    return Promise.resolve({ bus, faults: [], stop: () => Promise.resolve() });
  },
  Redis: onRedis,
};

async function onRedis(bounds: Bounds): Promise<Engine> {
  const server = await startRedis({ persists: true });
  const proxy = await startProxy(server.port);
  const [own, other] = await Promise.all([
    connectNodeRedis(`redis://127.0.0.1:${proxy.port}`),
    connectNodeRedis(server.url),
  ]);
  const bus = redisBus({ client: own.client, prefix: "soak", ...bounds, onError: () => {} });
  return {
    bus,
    faults: [
      { name: "connections to Redis cut", act: () => proxy.cut() },
      { name: "Redis out of reach for a while", act: (ms) => awayFor(ms, proxy) },
      { name: "Redis killed and started again", act: () => server.restart() },
      {
        name: "Redis emptied",
        act: async () => void await other.send("FLUSHALL"),
        empties: true,
      },
    ],
    async stop() {
      await bus.close();
      await Promise.all([own.close(), other.close()]);
      await proxy.close();
      await server.stop();
    },
  };
}

/** Lets nobody through a proxy for a while. */
export async function awayFor(
  ms: number,
  proxy: { sever(): void; mend(): void },
): Promise<void> {
  proxy.sever();
  await delay(ms);
  proxy.mend();
}
