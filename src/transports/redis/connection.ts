import { describe } from "../../core/options.ts";
import { deferred } from "../../runtime/deferred.ts";
import { closedError } from "./errors.ts";

/** What a bus needs of your client: commands, and more connections like it, for subscriptions. */
export interface RedisConnection {
  /** Sends a command on the connection of the user. */
  command(args: readonly string[]): Promise<unknown>;
  /** Opens a second connection like it. */
  listen(ears: Ears): Promise<Listening>;
}

/** Who hears what a connection tells. */
export interface Ears {
  message(channel: string, text: string): void;
  /** It was lost, maybe not for the first time. Whatever the client does to mend it, it is given up. */
  lost(error?: unknown): void;
}

/** A connection that tells. */
export interface Listening {
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /** Gives it back. Never throws. */
  end(): void;
}

/** What is used of a client of `redis` (node-redis), of one server. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(args: string[]): Promise<unknown>;
  /** Another client with the same settings but these. */
  duplicate(overrides?: object): NodeRedisListener;
  /** Its settings. */
  readonly options?: { readonly socket?: object };
  /** Whether it is connected, or will be. */
  readonly isOpen?: boolean;
}

/** What is used of the second connection of a {@linkcode NodeRedisClient}. */
export interface NodeRedisListener {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Adds a listener for what happens to the connection. */
  on(event: string, listener: (error?: unknown) => void): unknown;
  /** Begins to listen to a channel. */
  subscribe(
    channel: string,
    listener: (message: string, channel: string) => void,
  ): Promise<unknown>;
  /** Listens to a channel no longer. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection at once. */
  destroy?(): void;
  /** Closes the connection at once, in version 4. */
  disconnect?(): unknown;
}

/** What is used of a client of `ioredis`, of one server. */
export interface IoRedisClient {
  /** Sends a command. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** What it is at; `end` if it will not connect again. */
  readonly status?: string;
  /** Another client with the same settings but these. */
  duplicate(override?: object): IoRedisListener;
}

/** What is used of the second connection of an {@linkcode IoRedisClient}. */
export interface IoRedisListener {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Adds a listener for messages, and for what happens to the connection. */
  on(event: string, listener: (channel: string, message: string) => void): unknown;
  /** Begins to listen to a channel. */
  subscribe(channel: string): Promise<unknown>;
  /** Listens to a channel no longer. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection at once. */
  disconnect(): void;
}

/** What is used of Bun's `RedisClient`. */
export interface BunRedisClient {
  /** Sends a command. */
  send(command: string, args: string[]): Promise<unknown>;
  /** Another client with the same settings. */
  duplicate(): Promise<BunRedisListener>;
}

/** What is used of the second connection of a {@linkcode BunRedisClient}. */
export interface BunRedisListener {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Called whenever it is connected. */
  onconnect: (() => void) | null;
  /** Called when it is closed for good. */
  onclose: ((error: Error) => void) | null;
  /** Begins to listen to a channel. */
  subscribe(
    channel: string,
    listener: (message: string, channel: string) => void,
  ): Promise<unknown>;
  /** Listens to a channel no longer. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection at once. */
  close(): void;
}

/** A client of one server: of `redis` (node-redis), of `ioredis`, or Bun's own. */
export type RedisClientLike = NodeRedisClient | IoRedisClient | BunRedisClient;

/**
 * Reaches the server through whichever client it is.
 *
 * @throws {TypeError} If it is none that is known, or one of several servers, or not connected.
 */
export function connectionOf(owner: string, client: unknown): RedisConnection {
  const wrong = wrongWith(client);
  if (wrong !== null) throw new TypeError(`${owner}: "client" must be ${EXPECTED}, got ${wrong}`);
  // `ioredis` has a `sendCommand()` as well, of another kind.
  if (hasMethods<IoRedisClient>(client, ["call", "duplicate"])) return viaIoRedis(client);
  if (hasMethods<BunRedisClient>(client, ["send", "duplicate"])) return viaBun(client);
  return viaNodeRedis(client as NodeRedisClient);
}

const EXPECTED =
  'a client of "redis", of "ioredis", or Bun\'s RedisClient, connected to one server';

/** What is given instead of a client that will do; null if it will. */
function wrongWith(client: unknown): string | null {
  if (typeof client !== "object" || client === null) return describe(client);
  const { isCluster, nodeClient, acquire, isOpen, execute } = client as Record<string, unknown>;
  if (isCluster === true || typeof nodeClient === "function") {
    return 'one of a cluster: take a client of one node, and a "prefix" with a part in braces';
  }
  if (typeof acquire === "function") return "one of Sentinel: take a client of the master";
  if (typeof execute === "function") return "a pool of clients";
  if (isOpen === false) return "one that is not connected: await client.connect()";
  const isKnown = hasMethods<IoRedisClient>(client, ["call", "duplicate"]) ||
    hasMethods<BunRedisClient>(client, ["send", "duplicate"]) ||
    hasMethods<NodeRedisClient>(client, ["sendCommand", "duplicate"]);
  return isKnown ? null : describe(client);
}

function hasMethods<T>(value: unknown, names: readonly (keyof T & string)[]): value is T {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

function viaNodeRedis(client: NodeRedisClient): RedisConnection {
  return {
    command: (args) => unlessClosed(client.sendCommand([...args]), () => client.isOpen === false),
    async listen({ message, lost }) {
      const own = client.duplicate({
        socket: { ...client.options?.socket, reconnectStrategy: false },
      });
      const end = () => quietly(() => own.destroy ? own.destroy() : own.disconnect?.());
      const { promise: failed, reject } = deferred<never>();
      const fail = (error?: unknown) => {
        reject(error ?? new Error("The connection was lost"));
        lost(error);
      };
      for (const event of ["error", "end", "terminated"]) own.on(event, fail);
      failed.catch(() => {});
      await orEnd(Promise.race([own.connect(), failed]), end);
      // The same function each time: a channel that is subscribed to twice is told once.
      const hear = (text: string, channel: string) => message(channel, text);
      return {
        subscribe: (channel) => own.subscribe(channel, hear),
        unsubscribe: (channel) => own.unsubscribe(channel),
        end,
      };
    },
  };
}

function viaIoRedis(client: IoRedisClient): RedisConnection {
  return {
    command: ([name = "", ...args]) =>
      unlessClosed(client.call(name, ...args), () => client.status === "end"),
    async listen({ message, lost }) {
      const own = client.duplicate({
        lazyConnect: true,
        autoResubscribe: false,
        retryStrategy: () => null,
      });
      own.on("error", (error: unknown) => lost(error));
      own.on("close", () => lost());
      own.on("message", message);
      const end = () => quietly(() => own.disconnect());
      await orEnd(own.connect(), end);
      return {
        subscribe: (channel) => own.subscribe(channel),
        unsubscribe: (channel) => own.unsubscribe(channel),
        end,
      };
    },
  };
}

function viaBun(client: BunRedisClient): RedisConnection {
  return {
    command: ([name = "", ...args]) => client.send(name, args),
    async listen({ message, lost }) {
      const own = await client.duplicate();
      const end = () => quietly(() => own.close());
      await orEnd(own.connect(), end);
      // Bun connects again by itself, but does not subscribe again.
      own.onconnect = () => lost();
      own.onclose = lost;
      const hear = (text: string, channel: string) => message(channel, text);
      return {
        subscribe: (channel) => own.subscribe(channel, hear),
        unsubscribe: (channel) => own.unsubscribe(channel),
        end,
      };
    },
  };
}

/** What a command comes to; it is of no use to try again if the client was closed for good. */
async function unlessClosed(command: Promise<unknown>, isClosed: () => boolean): Promise<unknown> {
  try {
    return await command;
  } catch (error) {
    throw isClosed() ? closedError() : error;
  }
}

async function orEnd(opening: Promise<unknown>, end: () => void): Promise<void> {
  try {
    await opening;
  } catch (error) {
    end();
    throw error;
  }
}

/** Some clients throw when they are closed twice, or reject. */
function quietly(close: () => unknown): void {
  try {
    Promise.resolve(close()).catch(() => {});
  } catch {
    // It is closed.
  }
}
