import { describe } from "../../core/options.ts";

/** What a bus needs of somebody's client: commands, and connections of its own on which it is told. */
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
  lost(): void;
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
}

/** What is used of the second connection of a {@linkcode NodeRedisClient}. */
export interface NodeRedisListener {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Adds a listener for what happens to the connection. */
  on(event: string, listener: () => void): unknown;
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
 * @throws {TypeError} If it is none that is known.
 */
export function connectionOf(owner: string, client: unknown): RedisConnection {
  // `ioredis` has a `sendCommand()` as well, of another kind.
  if (hasMethods<IoRedisClient>(client, ["call", "duplicate"])) return viaIoRedis(client);
  if (hasMethods<BunRedisClient>(client, ["send", "duplicate"])) return viaBun(client);
  if (hasMethods<NodeRedisClient>(client, ["sendCommand", "duplicate"])) {
    return viaNodeRedis(client);
  }
  throw new TypeError(
    `${owner}: "client" must be a client of "redis", of "ioredis", or Bun's RedisClient, got ${
      describe(client)
    }`,
  );
}

function hasMethods<T>(value: unknown, names: readonly (keyof T & string)[]): value is T {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

function viaNodeRedis(client: NodeRedisClient): RedisConnection {
  return {
    command: (args) => client.sendCommand([...args]),
    async listen({ message, lost }) {
      const own = client.duplicate({
        socket: { ...client.options?.socket, reconnectStrategy: false },
      });
      const end = () => quietly(() => own.destroy ? own.destroy() : own.disconnect?.());
      const { promise: failed, reject } = Promise.withResolvers<never>();
      const fail = () => {
        reject(new Error("The connection was lost"));
        lost();
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
    command: ([name = "", ...args]) => client.call(name, ...args),
    async listen({ message, lost }) {
      const own = client.duplicate({
        lazyConnect: true,
        autoResubscribe: false,
        retryStrategy: () => null,
      });
      own.on("error", () => lost());
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
      own.onconnect = lost;
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
