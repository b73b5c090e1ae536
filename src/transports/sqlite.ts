/**
 * The bus whose runs are in an SQLite file: they are there after a restart, and a reader goes on where it was. No server,
 * no dependency: the SQLite is that of the runtime. Set it where your program starts, and everything else stays as it is.
 *
 * Node 22.13 or later, Deno 2.2 or later, or Bun.
 *
 * @example One line
 * ```ts ignore
 * import { setEventBus } from "@locus/core";
 * import { sqliteBus } from "@locus/core/transports/sqlite";
 *
 * setEventBus(sqliteBus({ path: "runs.db" }));
 * ```
 *
 * @module
 */
import { type EventBusOptions, readBusOptions } from "../core/bus/event_bus_options.ts";
import { checkFlag } from "../core/checks.ts";
import { checkCount, describe } from "../core/options.ts";
import type { NoEvents } from "../events/stream_event.ts";
import type { SqliteDatabase } from "../runtime/sqlite.ts";
import { checkPlace, openFile } from "./sqlite/opening.ts";
import { FileBus } from "./sqlite/file_bus.ts";
import type { ObjectStorageLike } from "./sqlite/object_storage.ts";
import { prepareSearch } from "./sqlite/search_index.ts";
import type { SqliteBus } from "./sqlite/sqlite_bus.ts";

export type { SqliteDatabase, SqliteStatement, SqliteValue } from "../runtime/sqlite.ts";
export type { ObjectStorageLike } from "./sqlite/object_storage.ts";
export type { CloseOptions, SharedBus } from "./remote/shared_bus.ts";
export type { SqliteBus } from "./sqlite/sqlite_bus.ts";
export { sqliteStorage } from "./sqlite/sqlite_storage.ts";
export type { SqliteStorage, SqliteStorageOptions } from "./sqlite/sqlite_storage.ts";

/** Options of {@linkcode sqliteBus}: a `path` or a `database`, and bounds. */
export interface SqliteBusOptions<E extends object = NoEvents> extends EventBusOptions<E> {
  /** The file, made if there is none; its folder must exist. SQLite keeps two more beside it, `-wal` and `-shm`. */
  path?: string;
  /**
   * Your own database instead, of `node:sqlite`, `bun:sqlite` or `better-sqlite3`: the names of our tables begin with
   * `locus_`, and you close it after the bus. Nothing else may be using it while the bus stores something. In a Durable Object
   * with SQLite: `ctx.storage`.
   */
  database?: SqliteDatabase | ObjectStorageLike;
  /**
   * Whether the file is only read, as it is and as others go on writing it: what is published is refused, and nothing is deleted.
   * There must be such a file. It can always be searched. @default {false}
   */
  readOnly?: boolean;
  /** How many events of a run are kept. @default {1000000} */
  historyPerRun?: number;
  /** How many runs are kept. @default {10000} */
  maxRunsRetained?: number;
  /** How long a run is kept after the last that happened to it, in milliseconds. @default {2592000000: 30 days} */
  retentionMs?: number;
  /**
   * How large what is stored may become, in bytes: over it, runs go as when there are too many, and of a run that is alone
   * the oldest events. It is looked at now and then, so the file may be a sixteenth larger for a while.
   *
   * @default {1073741824}
   */
  maxStoredBytes?: number;
  /**
   * Whether {@linkcode SqliteBus.findRuns} searches the texts of events. They are indexed with the transactions that come
   * later; a file that has none yet gets its index little by little. Needs SQLite 3.43 with FTS5. @default {false}
   */
  search?: boolean;
  /** How much of the runs that are read is held in memory, in bytes as estimated. @default {67108864} */
  maxBytes?: number;
  /** Events that wait to be stored at most; over it, what is published is lost, counted and announced. @default {100000} */
  maxPendingEvents?: number;
  /** Bytes of payloads that wait to be stored at most, as estimated. @default {33554432} */
  maxPendingBytes?: number;
  /**
   * What is safe when the power fails: everything that was delivered (`full`: each transaction waits for the disk), or all
   * but what was stored last (`normal`). When only the process dies, both lose nothing that was delivered.
   *
   * @default {"normal"}
   */
  synchronous?: "normal" | "full";
  /** How often a reader looks what other processes have stored, in milliseconds; 0 if there are none. @default {50} */
  pollMs?: number;
}

/**
 * A bus whose runs are in an SQLite file.
 *
 * - **Publishing** returns at once and never waits for the disk. What was published in one turn of the event loop is one
 *   transaction in the next; what cannot be stored is tried again. Over `maxPendingEvents` or `maxPendingBytes` what comes is
 *   lost, counted, and readers get a gap of its size.
 * - **Stored, then delivered:** readers get an event when it is committed. So whatever a reader has seen is there after
 *   the process died, and its run goes on in the same epoch: resuming is `exact`. What was published in the last turn of the
 *   event loop of a process that is killed is lost, and nobody has seen it.
 * - **Reading** holds little in memory, however long a run is: a reader that lags reads from the file, and loses nothing.
 * - **When the machine goes down** with `synchronous: "normal"`, the newest commits may be lost. So runs that were open go
 *   on under a new epoch, and readers get a gap (`new_epoch`).
 * - **Kept** are the last `historyPerRun` events of the last `maxRunsRetained` runs, for `retentionMs`, and no more than
 *   `maxStoredBytes`. A run with subscribers goes last.
 * - **Several processes** of one machine may open the same file, each with a bus of its own. Not over a network file
 *   system (NFS, SMB, shared folders of virtual machines): there, SQLite's log is not safe.
 * - **The file** holds everything that was published, in clear.
 *
 * @throws {TypeError} If there is neither `path` nor `database`, or an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of range.
 * @throws {Error} If the file cannot be opened, is somebody else's or of a newer version; it stays as it is.
 *
 * @example A run that is there after a restart
 * ```ts ignore
 * {
 *   await using bus = sqliteBus({ path: "runs.db" });
 *   bus.publish({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } });
 * }
 * await using bus = sqliteBus({ path: "runs.db" });
 * console.log(await bus.history({ run: "order-42" }));
 * ```
 */
export function sqliteBus<E extends object = NoEvents>(options: SqliteBusOptions<E>): SqliteBus<E> {
  const owner = "sqliteBus()";
  const settings = readBusOptions(owner, options, OWN_BOUNDS, OTHERS);
  const { path, database, synchronous = "normal", pollMs = 50 } = options;
  const { search = false, readOnly: isReadOnly = false } = options;
  checkPlace(owner, options);
  if (synchronous !== "normal" && synchronous !== "full") {
    const got = describe(synchronous);
    throw new RangeError(`${owner}: "synchronous" must be "normal" or "full", got ${got}`);
  }
  checkFlag(owner, "search", search);
  checkFlag(owner, "readOnly", isReadOnly);
  checkCount(owner, "pollMs", pollMs, 0);
  const isFull = synchronous === "full";
  const prepare = search ? prepareSearch : undefined;
  const reopen = () => openFile({ owner, path, database, isFull, isReadOnly, prepare });
  return new FileBus(reopen, { ...settings, search, pollMs });
}

const OWN_BOUNDS = {
  retentionMs: 30 * 24 * 60 * 60 * 1_000,
  maxStoredBytes: 1024 ** 3,
  maxPendingEvents: 100_000,
  maxPendingBytes: 32 * 1024 * 1024,
  historyPerRun: 1_000_000,
  maxRunsRetained: 10_000,
};
const OTHERS = ["path", "database", "readOnly", "synchronous", "pollMs", "search"];
