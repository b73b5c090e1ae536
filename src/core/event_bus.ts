import type { EventCatalogue } from "../events/catalogue/mod.ts";
import {
  EVENT_TYPE_RULE,
  isEventType,
  isRunId,
  parseEventId,
  RUN_ID_RULE,
} from "../events/identifiers.ts";
import type { EventDraft, StreamEvent } from "../events/stream_event.ts";
import type {
  Bus,
  BusStats,
  RunWriter,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
} from "./bus.ts";
import { capture } from "./capture.ts";
import { EventLog, LogEntry } from "./event_log.ts";
import type { ReaderStart } from "./log_position.ts";
import { LogSubscription, type Reader, type ReaderOptions } from "./log_subscription.ts";
import { checkCount, checkFunction, checkOptions, describe } from "./options.ts";
import { RecencyList, RunLog } from "./run_log.ts";
import { compileSelect } from "./select.ts";

/** Where an error that is reported came up. */
export interface BusErrorContext {
  /** What was being done. */
  readonly stage: "publish" | "subscribe";
}

/** Options of an {@linkcode EventBus}. Every bound is a whole number of at least 1. */
export interface EventBusOptions {
  /** How many events of a run a late reader still sees. @default {500} */
  historyPerRun?: number;
  /** How many events a live reader may lag behind before it is told of a gap. @default {1024} */
  maxQueueSize?: number;
  /** How many runs are held. @default {200} */
  maxRunsRetained?: number;
  /** How many may read all runs at the same time. @default {50} */
  maxGlobalSubscribers?: number;
  /**
   * Size of one payload, in bytes as estimated; the large values of a larger one are replaced by
   * previews. @default {262144}
   */
  maxEventBytes?: number;
  /** Size of all payloads held, in bytes as estimated. @default {67108864} */
  maxBytes?: number;
  /**
   * Told of every refused event or subscription. What it throws is dropped.
   *
   * @default {a handler that prints to the console, at most once a second}
   */
  onError?: (error: Error, context: BusErrorContext) => void;
}

const OPTIONS = [
  "historyPerRun",
  "maxQueueSize",
  "maxRunsRetained",
  "maxGlobalSubscribers",
  "maxEventBytes",
  "maxBytes",
  "onError",
] as const;

/**
 * The bus of one process: a log per run, a position in it per reader.
 *
 * - **Publishing** is synchronous, never throws and never waits, whatever the readers do.
 * - **Reading** starts with the history and goes on live; there is no seam between them. A reader that
 *   was overtaken gets a `bus.gap` event in place of what it missed, with the exact count.
 * - **Closing** a run ends its readers after its last event. A late reader gets the history, then the
 *   end. Events published to a closed run are refused and reported.
 * - **Bounds:** everything that is held has one; see {@linkcode EventBusOptions}. Over the limit of
 *   runs or bytes, closed runs go first, then idle ones, least recently published first; a run that is
 *   being read goes last, and its readers are told.
 *
 * @example Read a run
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const seen = [];
 * for await (const event of bus.subscribe("r1")) seen.push(event.data);
 * assertEquals(seen, [{ order: 7 }]);
 * ```
 */
export class EventBus implements Bus {
  readonly #historyPerRun: number;
  readonly #maxQueueSize: number;
  readonly #maxRunsRetained: number;
  readonly #maxGlobalSubscribers: number;
  readonly #maxEventBytes: number;
  readonly #maxBytes: number;
  readonly #onError: (error: Error, context: BusErrorContext) => void;

  readonly #logs: Map<string, RunLog> = new Map();
  // The runs that hold events or were closed. A run that is only waited for is in neither.
  readonly #open: RecencyList = new RecencyList();
  readonly #closed: RecencyList = new RecencyList();
  #retained = 0;
  #bytes = 0;
  // Types that were found valid, so that a publish does not match a pattern each time.
  readonly #validTypes: Set<string> = new Set();
  #global: GlobalLog | null = null;

  #published = 0;
  #rejected = 0;
  #dropped = 0;
  #placeholders = 0;
  #evicted = 0;

  /**
   * Makes a bus of its own, beside the default one.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a bound is not a whole number of at least 1.
   */
  constructor(options: EventBusOptions = {}) {
    const owner = "EventBus";
    checkOptions(owner, options, OPTIONS);
    const bound = (name: Exclude<keyof EventBusOptions, "onError">, fallback: number) => {
      const { [name]: value = fallback } = options;
      return checkCount(owner, name, value, 1);
    };
    this.#historyPerRun = bound("historyPerRun", 500);
    this.#maxQueueSize = bound("maxQueueSize", 1024);
    this.#maxRunsRetained = bound("maxRunsRetained", 200);
    this.#maxGlobalSubscribers = bound("maxGlobalSubscribers", 50);
    this.#maxEventBytes = bound("maxEventBytes", 256 * 1024);
    this.#maxBytes = bound("maxBytes", 64 * 1024 * 1024);
    checkFunction(owner, "onError", options.onError);
    this.#onError = options.onError ?? createConsoleReporter();
  }

  /**
   * Stores an event and tells the run's readers. What cannot be accepted (a bad run id or type, a run
   * that is closed) is counted and reported to `onError`; what cannot be serialised is replaced by a
   * marked placeholder.
   */
  publish<T extends string>(draft: EventDraft<T>): void {
    try {
      const { run_id: runId, event_type: eventType, data } = draft;
      const log = this.#logs.get(runId) ?? this.#openLog(runId);
      if (log !== null) this.#append(log, eventType, data);
    } catch (error) {
      // Only a draft that is no object, or whose getters throw, ends here.
      this.#reject(`the event cannot be read: ${describe(error)}`);
    }
  }

  /**
   * Publishes to one run without naming it each time.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  writer(runId: string): RunWriter {
    checkRunId("EventBus.writer()", runId);
    let log: RunLog | null = null;
    return {
      write: (eventType, data) => {
        // A run that was forgotten while it went on starts a new log.
        if (log === null || log.forgotten) {
          log = this.#logs.get(runId) ?? this.#openLog(runId);
        }
        if (log !== null) this.#append(log, eventType, data);
      },
    };
  }

  /**
   * Reads one run: first what the history holds, then live.
   *
   * - **Unknown run:** waits for its first event.
   * - **Resuming** (`after`): everything later, or first a `bus.gap` that says what is missing. A cursor
   *   of another incarnation of the run, or one it never had, starts anew and says so.
   * - **End:** when the run is closed, the signal aborts, the reader leaves, or the bus forgets the run;
   *   {@linkcode Subscription.ended} tells which.
   *
   * @throws {TypeError} If `runId` or an option is not valid.
   */
  subscribe<E extends object = EventCatalogue>(
    runId: string,
    options: SubscribeOptions = {},
  ): Subscription<StreamEvent<E>> {
    const owner = "EventBus.subscribe()";
    checkRunId(owner, runId);
    checkOptions(owner, options, ["after", "from", "select", "signal"]);
    const { after = null, from = "history", signal } = options;
    if (after !== null && typeof after !== "string") {
      throw new TypeError(`${owner}: "after" must be an event_id, got ${describe(after)}`);
    }
    if (from !== "history" && from !== "live") {
      throw new TypeError(`${owner}: "from" must be "history" or "live", got ${describe(from)}`);
    }
    checkSignal(owner, signal);
    const select = compileSelect(owner, options.select);
    let log = this.#logs.get(runId);
    if (log === undefined) {
      log = new RunLog(runId, createEpoch(), this.#historyPerRun);
      this.#logs.set(runId, log);
    }
    const start = after !== null ? this.#resume(log, after) : this.#start(log, from);
    return this.#read<StreamEvent<E>>(log, start, select, signal);
  }

  /**
   * Reads all runs, from now on. Over the limit the subscription ends at once, as `rejected`.
   *
   * @throws {TypeError} If an option is not valid.
   */
  subscribeGlobal<E extends object = EventCatalogue>(
    options: SubscribeGlobalOptions = {},
  ): Subscription<StreamEvent<E>> {
    const owner = "EventBus.subscribeGlobal()";
    checkOptions(owner, options, ["select", "signal"]);
    checkSignal(owner, options.signal);
    const select = compileSelect(owner, options.select);
    const log = this.#global ??= new GlobalLog("*", createEpoch(), this.#maxQueueSize);
    const rejected = log.readers >= this.#maxGlobalSubscribers;
    if (!rejected) log.readers++;
    const subscription = new LogSubscription<StreamEvent<E>>(log, {
      start: { cursor: log.head, recovery: "none" },
      maxLag: this.#maxQueueSize,
      select,
      signal: options.signal,
      onDrop: this.#countDropped,
      onRelease: () => {
        if (!rejected && --log.readers === 0 && this.#global === log) this.#global = null;
      },
    });
    if (rejected) {
      subscription.release("rejected");
      this.#report(
        new Error(
          `Cannot subscribe to all runs: the limit of ${this.#maxGlobalSubscribers} ` +
            "(maxGlobalSubscribers) is reached",
        ),
        "subscribe",
      );
    }
    return subscription;
  }

  /**
   * Ends a run, also one that nobody has published to. Idempotent.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  closeStream(runId: string): void {
    checkRunId("EventBus.closeStream()", runId);
    const log = this.#logs.get(runId) ?? this.#openLog(runId);
    if (log === null || log.ended !== null) return;
    log.end("closed");
    this.#retain(log, this.#closed);
  }

  /**
   * Forgets a run's history, and that it was closed. Readers of a run that is still open are told of
   * what they had not taken, and go on.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  dropHistory(runId: string): void {
    checkRunId("EventBus.dropHistory()", runId);
    const log = this.#logs.get(runId);
    if (log === undefined) return;
    if (log.ended === null && log.readers.size > 0) {
      this.#bytes -= log.bytes;
      log.clear();
    } else this.#forget(log);
  }

  /** Ends every global subscription after what is pending; new ones may come. */
  closeGlobal(): void {
    this.#global?.end("closed");
    this.#global = null;
  }

  /** Counters, as of now. */
  stats(): BusStats {
    let activeRuns = 0;
    const queueDepths: Record<string, number[]> = Object.create(null);
    for (const log of this.#logs.values()) {
      if (log.readers.size === 0) continue;
      activeRuns++;
      queueDepths[log.name] = Array.from(log.readers, (reader) => reader.depth);
    }
    return {
      active_runs: activeRuns,
      global_subscribers: this.#global?.readers ?? 0,
      history_runs: this.#retained,
      dropped_events_total: this.#dropped,
      queue_depths: queueDepths,
      published_events_total: this.#published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.#placeholders,
      evicted_runs_total: this.#evicted,
      retained_bytes: this.#bytes,
    };
  }

  #append(log: RunLog, eventType: string, data: unknown): void {
    if (log.ended !== null) {
      this.#reject(`run "${log.name}" is closed; dropHistory() would let it start anew`);
      return;
    }
    if (!this.#validTypes.has(eventType) && !this.#admitType(eventType)) return;
    const { data: copy, bytes, placeholders } = capture(data, this.#maxEventBytes);
    this.#placeholders += placeholders;
    this.#published++;
    const before = log.bytes;
    const entry = new LogEntry(log, log.head + 1, eventType, Date.now(), copy, bytes);
    log.append(entry);
    this.#bytes += log.bytes - before;
    this.#retain(log, this.#open);
    this.#global?.appendWithin(entry, this.#maxBytes);
    if (this.#bytes > this.#maxBytes) this.#reclaim(log);
  }

  #admitType(eventType: unknown): boolean {
    if (!isEventType(eventType)) {
      this.#reject(`event_type must be ${EVENT_TYPE_RULE}, got ${describe(eventType)}`);
      return false;
    }
    if (this.#validTypes.size >= MAX_REMEMBERED_TYPES) this.#validTypes.clear();
    this.#validTypes.add(eventType);
    return true;
  }

  /** A new log for a run id from outside, or null if the id cannot name a run. */
  #openLog(runId: unknown): RunLog | null {
    if (!isRunId(runId)) {
      this.#reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
      return null;
    }
    const log = new RunLog(runId, createEpoch(), this.#historyPerRun);
    this.#logs.set(runId, log);
    return log;
  }

  /** Marks a log as the most recent of its list, and makes room for it if it is new there. */
  #retain(log: RunLog, list: RecencyList): void {
    if (log.listed === null && ++this.#retained > this.#maxRunsRetained) {
      // Not listed yet, so it cannot be chosen itself.
      const victim = this.#chooseVictim();
      if (victim !== null) this.#evict(victim);
    }
    list.touch(log);
  }

  /** Closed runs before open ones, least recently published first; those being read last. */
  #chooseVictim(unreadOnly = false, except?: RunLog): RunLog | null {
    let read: RunLog | null = null;
    for (const list of [this.#closed, this.#open]) {
      for (const log of list) {
        if (log === except) continue;
        if (log.readers.size === 0) return log;
        read ??= log;
      }
    }
    return unreadOnly ? null : read;
  }

  #evict(log: RunLog): void {
    this.#evicted++;
    this.#forget(log);
  }

  #forget(log: RunLog): void {
    if (log.listed !== null) this.#retained--;
    log.listed?.remove(log);
    this.#logs.delete(log.name);
    this.#bytes -= log.bytes;
    log.forgotten = true;
    log.clear();
    log.end("evicted");
  }

  /** Frees memory: other runs that nobody reads, then the oldest events of the run at hand. */
  #reclaim(current: RunLog): void {
    while (this.#bytes > this.#maxBytes) {
      const victim = this.#chooseVictim(true, current);
      if (victim === null) break;
      this.#evict(victim);
    }
    for (const list of [[current], this.#closed, this.#open]) {
      for (const log of list) {
        while (this.#bytes > this.#maxBytes && log.tail < log.head) {
          const before = log.bytes;
          log.evictOldest();
          this.#bytes -= before - log.bytes;
        }
      }
    }
  }

  /** Where a reader without a cursor starts. */
  #start(log: RunLog, from: "history" | "live"): ReaderStart {
    if (from === "live") return { cursor: log.head, recovery: "none" };
    const cursor = Math.max(log.tail - 1, log.head - this.#historyPerRun);
    // Whoever comes too late is told what it missed.
    return cursor === 0
      ? { cursor, recovery: "none" }
      : { cursor, recovery: "none", announce: "evicted" };
  }

  /** Where a reader that had everything up to `after` goes on. */
  #resume(log: RunLog, after: string): ReaderStart {
    const cursor = parseEventId(after);
    const restart = { cursor: log.tail - 1, recovery: "restarted" } as const;
    if (cursor === null) return { ...restart, announce: "unknown_cursor" };
    if (cursor.epoch !== log.epoch) return { ...restart, announce: "new_epoch" };
    // A closed run ends one past its last event: on the wire, its `bus.end` has that place.
    const end = log.ended === null ? log.head : log.head + 1;
    if (cursor.seq > end) return { ...restart, announce: "unknown_cursor" };
    const recovery = cursor.seq < log.tail - 1 ? "gap" : "exact";
    return { cursor: Math.min(cursor.seq, log.head), recovery };
  }

  #read<T>(
    log: RunLog,
    start: ReaderStart,
    select: ReaderOptions["select"],
    signal: AbortSignal | undefined,
  ): LogSubscription<T> {
    const subscription = new LogSubscription<T>(log, {
      start,
      maxLag: this.#maxQueueSize,
      select,
      signal,
      onDrop: this.#countDropped,
      onRelease: this.#release,
    });
    if (subscription.ended === null) {
      log.readers.add(subscription);
      // While somebody reads, the log also holds what a live reader may lag behind.
      if (log.readers.size === 1) log.setLimit(Math.max(this.#historyPerRun, this.#maxQueueSize));
    } else this.#forgetIfUnused(log);
    return subscription;
  }

  readonly #release = (reader: Reader, log: EventLog): void => {
    if (!(log instanceof RunLog) || !log.readers.delete(reader)) return;
    if (log.readers.size > 0 || log.forgotten) return;
    const before = log.bytes;
    log.setLimit(this.#historyPerRun);
    this.#bytes -= before - log.bytes;
    this.#forgetIfUnused(log);
  };

  /** A run that was only waited for leaves no trace. */
  #forgetIfUnused(log: RunLog): void {
    if (log.listed === null && log.readers.size === 0) this.#logs.delete(log.name);
  }

  readonly #countDropped = (count: number): void => {
    this.#dropped += count;
  };

  #reject(reason: string): void {
    this.#rejected++;
    this.#report(new Error(`Cannot publish event: ${reason}`), "publish");
  }

  #report(error: Error, stage: BusErrorContext["stage"]): void {
    try {
      this.#onError(error, { stage });
    } catch { /* nobody is left to tell */ }
  }
}

/** The log of all runs, kept only while somebody reads it. */
class GlobalLog extends EventLog {
  readers = 0;

  appendWithin(entry: LogEntry, maxBytes: number): void {
    this.append(entry);
    while (this.bytes > maxBytes && this.tail < this.head) this.evictOldest();
  }
}

const MAX_REMEMBERED_TYPES = 1024;

function checkRunId(owner: string, runId: unknown): void {
  if (!isRunId(runId)) {
    throw new TypeError(`${owner}: run id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
  }
}

function checkSignal(owner: string, signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${owner}: "signal" must be an AbortSignal, got ${describe(signal)}`);
  }
}

/** 48 random bits: enough that no two incarnations of one run share an epoch. */
function createEpoch(): string {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return ((high! & 0xffff) * 2 ** 32 + low!).toString(36);
}

function createConsoleReporter(): (error: Error) => void {
  let quietUntil = 0;
  return (error) => {
    const now = Date.now();
    if (now < quietUntil) return;
    quietUntil = now + 1000;
    console.error(`Locus: ${error.message}`);
  };
}
