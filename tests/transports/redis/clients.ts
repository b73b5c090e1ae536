/**
 * The clients that a user can bring, as this runtime has them.
 *
 * @module
 */
import { Redis } from "ioredis";
import { createClient } from "redis";
import type {
  BunRedisClient,
  IoRedisClient,
  NodeRedisClient,
  RedisClientLike,
} from "../../../src/transports/redis.ts";

/** A kind of client. */
export interface ClientKind {
  readonly name: string;
  connect(url: string): Promise<ConnectedClient>;
}

/** A client, connected, and how it is closed. */
export interface ConnectedClient {
  readonly client: RedisClientLike;
  /** Sends a command, for what a test does besides the bus. */
  send(...command: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** The kinds of this runtime. */
export const clientKinds: readonly ClientKind[] = [
  { name: "redis", connect: connectNodeRedis },
  { name: "ioredis", connect: connectIoRedis },
  ...("Bun" in globalThis ? [{ name: "Bun's RedisClient", connect: connectBun }] : []),
];

/** Deletes what begins with a prefix; how many keys there were. */
export async function clean({ send }: ConnectedClient, prefix: string): Promise<number> {
  const keys = await keysOf(send, prefix);
  if (keys.length > 0) await send("DEL", ...keys);
  return keys.length;
}

/** The keys that begin with a prefix. */
export async function keysOf(send: ConnectedClient["send"], prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor = "0";
  do {
    const reply = await send("SCAN", cursor, "MATCH", `${prefix}:*`, "COUNT", "1000");
    const [next, found] = reply as [string, string[]];
    keys.push(...found);
    cursor = String(next);
  } while (cursor !== "0");
  return keys;
}

/** A client of `redis`. */
export async function connectNodeRedis(url: string): Promise<ConnectedClient> {
  const client = createClient({ url, socket: { reconnectStrategy: () => 20 } });
  client.on("error", () => {});
  await client.connect();
  const accepted: NodeRedisClient = client;
  return {
    client: accepted,
    send: (...command) => client.sendCommand(command),
    close: () => Promise.resolve(client.destroy()),
  };
}

/** A client of `ioredis`. */
export async function connectIoRedis(url: string): Promise<ConnectedClient> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
  });
  client.on("error", () => {});
  await client.connect();
  const accepted: IoRedisClient = client;
  return {
    client: accepted,
    send: (name = "", ...args) => client.call(name, ...args),
    close: () => Promise.resolve(client.disconnect()),
  };
}

/** The part of Bun that is used here. */
interface BunRuntime {
  RedisClient: new (url: string) => BunRedisClient & {
    connect(): Promise<void>;
    close(): void;
  };
}

async function connectBun(url: string): Promise<ConnectedClient> {
  const { Bun } = globalThis as typeof globalThis & { Bun: BunRuntime };
  const client = new Bun.RedisClient(url);
  await client.connect();
  return {
    client,
    send: (name = "", ...args) => client.send(name, args),
    close: () => Promise.resolve(client.close()),
  };
}
