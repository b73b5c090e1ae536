/**
 * The engines, as tests with real processes use them: a server of a test's own, and what can be done to it.
 *
 * @module
 */
import type { SharedBus } from "../../../src/transports/remote/shared_bus.ts";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus } from "@locus/core/transports/redis";
import { requires, type SkipOptions } from "../../harness/support/requires.ts";
import { connectTo, deleteStream } from "../nats/connections.ts";
import { startNats } from "../nats/server.ts";
import { clientKinds } from "../redis/clients.ts";
import { startRedis } from "../redis/server.ts";
import type { Settings } from "./process.ts";

/** One engine, with one kind of client. */
export interface Engine {
  readonly name: Settings["engine"];
  readonly kind: string;
  readonly needs: SkipOptions;
  start(options: Settings["options"], persists: boolean): Promise<OwnServer>;
}

/** A server of a test's own, and a connection to it. */
export interface OwnServer {
  readonly port: number;
  readonly bus: SharedBus;
  /** Stops it, the hard way, and starts it again; empty, unless it persists. */
  restart(): Promise<void>;
  /** Has it forget everything. */
  wipe(): Promise<void>;
  /** Sends it a command, if it is a Redis. */
  send(...command: string[]): Promise<unknown>;
  /** Writes as somebody else would, if it is a NATS. */
  write(subject: string, text: string): Promise<unknown>;
  stop(): Promise<void>;
}

const redis = await requires("redis-server");
const nats = await requires("nats-server");

/** All of them. */
export const engines: readonly Engine[] = [
  ...clientKinds.map(({ name: kind, connect }): Engine => ({
    name: "Redis",
    kind,
    needs: redis,
    async start(options, persists) {
      const server = await startRedis({ persists });
      const { client, send, close } = await connect(server.url);
      const bus = redisBus({ client, ...options, onError: () => {} });
      return {
        port: server.port,
        bus,
        send,
        restart: () => server.restart(),
        wipe: async () => void await send("FLUSHALL"),
        write: () => Promise.resolve(),
        async stop() {
          await bus.close();
          await close();
          await server.stop();
        },
      };
    },
  })),
  {
    name: "NATS",
    kind: "@nats-io",
    needs: nats,
    async start(options, persists) {
      const server = await startNats();
      const connection = await connectTo(server.url);
      const bus = natsBus({ connection, ...options, onError: () => {} });
      return {
        port: server.port,
        bus,
        restart: () => server.restart({ isEmpty: !persists }),
        wipe: () => deleteStream(connection, options.prefix),
        send: () => Promise.resolve(),
        async write(subject, text) {
          connection.publish(`${options.prefix}.live.${subject}.m`, text);
          const stored = `${options.prefix}.run.${subject}`;
          return await connection.request(stored, text, { timeout: 5_000 });
        },
        async stop() {
          await bus.close();
          await connection.close();
          await server.stop();
        },
      };
    },
  },
];
