/**
 * The demo's two ends, the agent and the server: on one bus in memory, or each on a bus of its own over a server that
 * they share, as if they were processes on two machines (`--bus redis`, `--bus nats`).
 *
 * @module
 */
import { type Bus, EventBus } from "@locus/core";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus, type SharedBus } from "@locus/core/transports/redis";
import process from "node:process";
import { load } from "../support/load.ts";

/** Where the agent publishes and where the server reads. */
export interface Ends {
  readonly agent: Bus;
  readonly server: Bus;
  /** What carries the events, in words; null if that needs none. */
  readonly description: string | null;
  /** Forgets the run, and gives back what was opened. */
  close(runId: string): Promise<void>;
}

// Large enough to hold a long run whole for whoever comes late.
const OPTIONS = { historyPerRun: 20_000, prefix: "locus-demo" };

const kinds: Readonly<Record<string, () => Promise<Ends>>> = {
  memory: openMemory,
  redis: () => openShared("Redis", openRedis),
  nats: () => openShared("NATS", openNats),
};

/** The words of the command line without `--bus <kind>`, and the kind. */
export function takeBus(words: readonly string[]): { kind: string; rest: string[] } {
  const at = words.indexOf("--bus");
  if (at < 0) return { kind: "memory", rest: [...words] };
  return { kind: words[at + 1] ?? "", rest: words.toSpliced(at, 2) };
}

/**
 * Opens both ends.
 *
 * @throws {Error} (as a rejection) If there is no such kind, or its server cannot be reached.
 */
export function openEnds(kind: string): Promise<Ends> {
  const open = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (open !== undefined) return open();
  const known = Object.keys(kinds).join(", ");
  return Promise.reject(new Error(`--bus must be one of: ${known}; got "${kind}"`));
}

function openMemory(): Promise<Ends> {
  const bus = new EventBus({ historyPerRun: OPTIONS.historyPerRun });
  return Promise.resolve({
    agent: bus,
    server: bus,
    description: null,
    close: () => Promise.resolve(),
  });
}

// The packages are loaded where they are needed: most demos go without.

/** A bus, and how its connection is closed. */
interface Opened {
  readonly bus: SharedBus;
  disconnect(): unknown;
}

async function openShared(name: string, open: () => Promise<Opened>): Promise<Ends> {
  const [agent, server] = [await open(), await open()];
  return {
    agent: agent.bus,
    server: server.bus,
    description: `${name}, with a connection for the agent and one for the server`,
    async close(runId) {
      await server.bus.close();
      agent.bus.dropHistory(runId);
      await agent.bus.close();
      await agent.disconnect();
      await server.disconnect();
    },
  };
}

async function openRedis(): Promise<Opened> {
  const { createClient } = await load<typeof import("redis")>(
    "redis",
  );
  const url = process.env["LOCUS_REDIS_URL"] || "redis://127.0.0.1:6379";
  const client = createClient({ url, socket: { reconnectStrategy: reconnectLater(10) } });
  client.on("error", () => {});
  await client.connect();
  return { bus: redisBus({ client, ...OPTIONS }), disconnect: () => client.close() };
}

async function openNats(): Promise<Opened> {
  const { connect } = await load<typeof import("@nats-io/transport-node")>(
    "@nats-io/transport-node",
  );
  const connection = await connect({ servers: process.env["LOCUS_NATS_URL"] || "127.0.0.1:4222" });
  return { bus: natsBus({ connection, ...OPTIONS }), disconnect: () => connection.close() };
}

/** Tries again so many times. */
function reconnectLater(times: number): (retries: number, cause: Error) => number | Error {
  return (retries, cause) => retries < times ? 100 : cause;
}
