/**
 * The bus for several processes, over NATS with JetStream: set it where each of them starts, and everything else
 * stays as it is.
 *
 * nats-server 2.9 or later, alone or in a cluster. The connection is yours: of `@nats-io/transport-node`, of
 * `@nats-io/transport-deno`, or over a WebSocket of `@nats-io/nats-core`.
 *
 * @example One line
 * ```ts ignore
 * import { setEventBus } from "@locus/core";
 * import { natsBus } from "@locus/core/transports/nats";
 * import { connect } from "@nats-io/transport-node";
 *
 * const connection = await connect({ servers: "127.0.0.1:4222" });
 * setEventBus(natsBus({ connection }));
 * ```
 *
 * @module
 */
import { checkCount, describe } from "../core/options.ts";
import { checkConnection, type NatsConnectionLike } from "./nats/connection.ts";
import { NatsStore } from "./nats/nats_store.ts";
import { RemoteBus } from "./remote/remote_bus.ts";
import {
  checkPrefix,
  readRemoteBusOptions,
  type RemoteBusOptions,
} from "./remote/remote_bus_options.ts";
import type { SharedBus } from "./remote/shared_bus.ts";
import type { NoEvents } from "../events/stream_event.ts";

export type {
  NatsConnectionLike,
  NatsHeadersLike,
  NatsMessageLike,
  NatsSubscriptionLike,
} from "./nats/connection.ts";
export type { RemoteBusOptions } from "./remote/remote_bus_options.ts";
export type { CloseOptions, SharedBus } from "./remote/shared_bus.ts";

/** Options of {@linkcode natsBus}. All processes that share runs should be given the same. */
export interface NatsBusOptions<E extends object = NoEvents> extends RemoteBusOptions<E> {
  /**
   * Your connection. The bus shares it and never closes it. TLS, credentials, and how it connects again are its
   * own affair; `maxReconnectAttempts: -1` lets it go on for ever.
   */
  connection: NatsConnectionLike;
  /**
   * The name of the stream, and what all subjects begin with: 1 to 32 letters, digits and `_-`.
   *
   * @default {"locus"}
   */
  prefix?: string;
  /** How long an event is kept, in milliseconds. @default {86400000} */
  retentionMs?: number;
  /**
   * Size of the stream on the server, in bytes, if the bus makes it; over it, the oldest events of all runs go.
   *
   * @default {1073741824}
   */
  maxStoredBytes?: number;
  /** Where the stream is kept, if the bus makes it. @default {"file"} */
  storage?: "file" | "memory";
  /** On how many servers of a cluster the stream is kept, if the bus makes it. @default {1} */
  replicas?: number;
}

/**
 * A bus whose runs are kept in a stream of JetStream.
 *
 * - **Publishing** returns at once: events go to the server in batches, in the background, in order; of a run one
 *   batch at a time, so the longer the way, the larger the batches. The server takes a batch only if it goes on
 *   from the last one of the run, so numbers have no holes and no event two. What cannot be sent is sent again,
 *   and stored once; over `maxPendingEvents` or `maxPendingBytes` what comes is lost, counted, and readers get a
 *   gap of its size.
 * - **Reading** needs no consumer: the server repeats what it stored to the processes that read the run, each once,
 *   however many subscribers it has. Quiet runs cost nothing.
 * - **Kept** are the last `historyPerRun` events of the last `maxRunsRetained` runs, for `retentionMs`. Between the
 *   moment a run begins and the moment the oldest is forgotten there may be more; several processes that begin
 *   runs at the same moment may evict a few too many. A run with subscribers goes last.
 * - **Positions** of all or several runs are those of the stream, so every process understands them. A gap of the run
 *   `*` counts messages of the stream: most hold a batch of events, some none.
 * - **The stream** is made by the first process that publishes, or subscribes to all or several runs. One that was deleted is made
 *   again, and every run starts again: subscribers get a gap (`new_epoch`). The same happens when a server comes back
 *   without what it had acknowledged.
 * - **Durability** is the server's: stored means that JetStream acknowledged, and its disk is written every two
 *   minutes unless `sync_interval` says otherwise.
 * - **What is read is not trusted:** foreign messages are skipped, announced as gaps where they took
 *   numbers, and reported. A client that may publish to the subjects can still publish, and delete.
 * - **Rights:** a user needs to publish to `<prefix>.>`, `$JS.API.STREAM.*.<prefix>`,
 *   `$JS.API.STREAM.MSG.GET.<prefix>`, `$JS.API.DIRECT.GET.<prefix>`, `$JS.API.CONSUMER.CREATE.<prefix>`,
 *   `$JS.API.CONSUMER.DELETE.<prefix>.*` and `$JS.FC.<prefix>.>`, and to subscribe to `<prefix>.>`, its inbox and
 *   `$JS.EVENT.ADVISORY.STREAM.DELETED.<prefix>`.
 *
 * @throws {TypeError} If `connection` is none or was closed, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `prefix` or `storage` is not as above, or a number is out of range.
 *
 * @example Two processes
 * ```ts ignore
 * // One process publishes …
 * await using bus = natsBus({ connection });
 * bus.publish({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } });
 *
 * // … and another one subscribes.
 * await using bus = natsBus({ connection });
 * for await (const event of bus.subscribe("order-42")) console.log(event);
 * ```
 */
export function natsBus<E extends object = NoEvents>(options: NatsBusOptions<E>): SharedBus<E> {
  const owner = "natsBus()";
  const others = ["connection", "prefix", "storage"];
  const settings = readRemoteBusOptions(owner, options, OWN_BOUNDS, others);
  const { connection, prefix = "locus", storage = "file" } = options;
  checkPrefix(owner, prefix, PREFIX, "1 to 32 letters, digits and _-");
  if (storage !== "file" && storage !== "memory") {
    throw new RangeError(
      `${owner}: "storage" must be "file" or "memory", got ${describe(storage)}`,
    );
  }
  // The shortest that JetStream knows.
  checkCount(owner, "retentionMs", settings.retentionMs, 100);
  checkCount(owner, "maxStoredBytes", settings.maxStoredBytes, 1024 * 1024);
  // A reader of all runs cannot lag any further.
  const bounds = { ...settings, prefix, storage, maxNews: settings.maxQueueSize };
  return new RemoteBus(new NatsStore(checkConnection(owner, connection), bounds), settings);
}

const OWN_BOUNDS = { retentionMs: 24 * 60 * 60 * 1_000, maxStoredBytes: 1024 ** 3, replicas: 1 };
const PREFIX = /^[A-Za-z0-9_-]{1,32}$/;
