/**
 * The bus for several processes, over a Redis that they share: set it where each of them starts, and everything
 * else stays as it is.
 *
 * Redis 7.0 or later, or Valkey, one server of it (with its replicas, if you like). The client is yours: of
 * `redis` (node-redis), of `ioredis`, or Bun's own.
 *
 * @example One line
 * ```ts ignore
 * import { setEventBus } from "@locus/core";
 * import { redisBus } from "@locus/core/transports/redis";
 * import { createClient } from "redis";
 *
 * const client = await createClient({ url: "redis://127.0.0.1:6379" }).connect();
 * setEventBus(redisBus({ client }));
 * ```
 *
 * @module
 */
import { connectionOf, type RedisClientLike } from "./redis/connection.ts";
import { RedisStore } from "./redis/redis_store.ts";
import { RemoteBus } from "./remote/remote_bus.ts";
import {
  checkPrefix,
  readRemoteBusOptions,
  type RemoteBusOptions,
} from "./remote/remote_bus_options.ts";
import type { SharedBus } from "./remote/shared_bus.ts";
import type { NoEvents } from "../events/stream_event.ts";

export type {
  BunRedisClient,
  BunRedisListener,
  IoRedisClient,
  IoRedisListener,
  NodeRedisClient,
  NodeRedisListener,
  RedisClientLike,
} from "./redis/connection.ts";
export type { RemoteBusOptions } from "./remote/remote_bus_options.ts";
export type { CloseOptions, SharedBus } from "./remote/shared_bus.ts";

/** Options of {@linkcode redisBus}. All processes that share runs should be given the same. */
export interface RedisBusOptions<E extends object = NoEvents> extends RemoteBusOptions<E> {
  /**
   * Your client, connected. The bus sends its commands on it, and opens one more connection like it; it closes
   * only that one. TLS, credentials, time-outs and how it connects again are its own affair.
   */
  client: RedisClientLike;
  /**
   * What the names of all keys and channels begin with: 1 to 64 letters, digits and `_.:{}-`. In a Redis Cluster
   * it must have a part in braces, so that all keys are on one node.
   *
   * @default {"locus"}
   */
  prefix?: string;
  /**
   * How long a run is kept after the last that happened to it, in milliseconds; it may stay for a hundredth longer.
   *
   * @default {86400000}
   */
  retentionMs?: number;
}

/**
 * A bus whose runs are kept in Redis.
 *
 * - **Publishing** returns at once: events go to the server in batches, in the background, in order. Redis numbers
 *   them. What cannot be sent is sent again, and stored once; over `maxPendingEvents` or `maxPendingBytes` what
 *   comes is lost, counted, and readers get a gap of its size.
 * - **Reading** opens no connection: a process has one for notifications, and reads a run once, however many
 *   subscribers it has. Quiet runs cost nothing.
 * - **Order and numbers** are those of the server: readers everywhere see the same.
 * - **Positions** of all or several runs are those of the server, so every process understands them.
 * - **Kept** are the last `historyPerRun` events of the last `maxRunsRetained` runs, for `retentionMs`. A run with
 *   subscribers goes last.
 * - **A server that restarted** may have lost the newest events, so every run continues under a new epoch: subscribers
 *   get a gap (`new_epoch`), then everything that is left. The same happens with a replica that takes over, and with a
 *   server that was emptied.
 * - **Durability** is what Redis is set up for: stored means that the server has it, not that a disk does.
 * - **What is read is not trusted:** foreign entries are skipped, announced as gaps and counted.
 *   A client that can write to your Redis can still publish, and delete.
 * - **Rights:** a Redis user needs `+evalsha +script|load +publish +subscribe +unsubscribe`, and inside scripts the
 *   commands on hashes, lists and sorted sets, `del`, `pexpire`, `pubsub|numsub`, `time` and `info`, for
 *   `<prefix>:*`. Without `info`, a restart of the server is not noticed.
 *
 * @throws {TypeError} If `client` is of no known kind, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `prefix` is not as above, or a number is out of range.
 *
 * @example Two processes
 * ```ts ignore
 * // One process publishes …
 * await using bus = redisBus({ client });
 * bus.publish({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } });
 *
 * // … and another one subscribes.
 * await using bus = redisBus({ client });
 * for await (const event of bus.subscribe("order-42")) console.log(event);
 * ```
 */
export function redisBus<E extends object = NoEvents>(options: RedisBusOptions<E>): SharedBus<E> {
  const owner = "redisBus()";
  const more = { retentionMs: 24 * 60 * 60 * 1_000 };
  const settings = readRemoteBusOptions(owner, options, more, ["client", "prefix"]);
  const { client, prefix = "locus" } = options;
  checkPrefix(owner, prefix, PREFIX, "1 to 64 letters, digits and _.:{}-");
  const { historyPerRun, maxQueueSize } = settings;
  const store = new RedisStore(connectionOf(owner, client), {
    ...settings,
    prefix,
    maxPageEvents: Math.max(historyPerRun, maxQueueSize),
    // A reader of all runs cannot lag any further.
    maxNotices: maxQueueSize,
    heartbeatMs: HEARTBEAT_MS,
  });
  return new RemoteBus(store, settings);
}

const PREFIX = /^[A-Za-z0-9_.:{}-]{1,64}$/;
// A dead connection is noticed after twice that.
const HEARTBEAT_MS = 10_000;
