import type { BusGap, EventCatalogue } from "../events/catalogue/mod.ts";
import { EVENT_TYPE_RULE, isEventType, isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import type { Envelope, EventDraft, StreamEvent } from "../events/stream_event.ts";
import { isPromiseLike } from "../runtime/promise_like.ts";
import type {
  Bus,
  BusStats,
  DrainedOptions,
  HistoryOptions,
  Off,
  OnOptions,
  RunInfo,
  RunWriter,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  WaitForOptions,
} from "./bus.ts";
import { capture, type Captured } from "./capture.ts";
import { checkRunId, checkSignal, checkTimeout } from "./checks.ts";
import { type EventLog, LogEntry } from "./event_log.ts";
import { type BusErrorContext, type EventBusOptions, readBusOptions } from "./event_bus_options.ts";
import { GlobalLog } from "./global_log.ts";
import { HandlerPump } from "./handler_pump.ts";
import { newestEntries } from "./newest_entries.ts";
import { LogSubscription, type Reader } from "./log_subscription.ts";
import { checkCount, checkFunction, checkOptions, describe } from "./options.ts";
import { type ReaderStart, resumeAfter, startFromHistory, startLive } from "./reader_start.ts";
import type { RunLog } from "./run_log.ts";
import { RunStore } from "./run_store.ts";
import { compileSelect } from "./select.ts";
import { compileSelector, type EventSelector, type SelectedEvent } from "./selector.ts";
import { settleOnce } from "./settle_once.ts";

/** What a bus over a network needs of the one that serves its readers in this process. */
export interface Innards {
  readonly runs: RunStore;
  /** The log of all runs; null while nobody reads it. */
  global(): GlobalLog | null;
  /** Has a say in where the readers of one run read from now on. */
  decorate(decorate: Decorate): void;
}

/** Makes another source of one; `start` says where a reader starts in a log. */
export type Decorate = (source: Source<RunLog>, start: (log: RunLog) => ReaderStart) => Source;

/** The {@linkcode Innards} of a bus. Not for users: no door exports it. */
export let innards: (bus: EventBus) => Innards;

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
  readonly #options: Required<EventBusOptions>;
  readonly #runs: RunStore;
  #global: GlobalLog | null = null;
  // Types that were found valid, so that a publish does not match a pattern each time.
  readonly #validTypes: Set<string> = new Set();

  #published = 0;
  #rejected = 0;
  #dropped = 0;
  #placeholders = 0;
  #isReporting = false;
  #decorate: Decorate = (source) => source;

  /**
   * Makes a bus of its own, beside the default one.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If a bound is not a whole number of at least 1.
   */
  constructor(options: EventBusOptions = {}) {
    this.#options = readBusOptions(options);
    this.#runs = new RunStore(this.#options);
  }

  /**
   * Stores an event and tells the run's readers. What cannot be accepted (a bad run id or type, a run
   * that is closed) is counted and reported to `onError`; what cannot be serialised is replaced by a
   * marked placeholder.
   */
  publish<T extends string>(draft: EventDraft<T>): void {
    try {
      const { run_id: runId, event_type: eventType, data } = draft;
      const captured = this.#capture(eventType, data);
      if (captured === null) return;
      const log = this.#logOf(runId);
      if (log !== null) this.#append(log, eventType, captured);
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
        const captured = this.#capture(eventType, data);
        if (captured === null) return;
        // A run that was forgotten while it went on starts a new log.
        if (log === null || log.forgotten) log = this.#logOf(runId);
        if (log !== null) this.#append(log, eventType, captured);
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
    checkFrom(owner, from);
    checkSignal(owner, signal);
    const source = this.#oneRun(
      runId,
      (log) => after === null ? this.#start(log, from) : resumeAfter(log, after),
    );
    return this.#read<StreamEvent<E>>(owner, source, options);
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
    const { maxGlobalSubscribers } = this.#options;
    const isFull = this.stats().global_subscribers >= maxGlobalSubscribers;
    const subscription = this.#read<StreamEvent<E>>(owner, this.#allRuns("subscriptions"), options);
    if (isFull) {
      subscription.release("rejected");
      this.#report(
        new Error(`Cannot subscribe: there are ${maxGlobalSubscribers} (maxGlobalSubscribers)`),
        "subscribe",
      );
    }
    return subscription;
  }

  /**
   * Calls `handler` with every event that is selected, of one run or of all.
   *
   * - **Order:** calls start in the order of the events; at most `concurrency` are unfinished at a time.
   * - **Context:** the handler runs in the async context of this call, whoever publishes.
   * - **Errors:** what the handler throws, or rejects with, goes to the bus's `onError`; the handler stays.
   * - **Slow handler:** over `maxQueueSize` pending events, the oldest are skipped, and `onGap` is told.
   * - **End:** with the returned undo, the signal, or the end of the run.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `concurrency` is not a whole number of at least 1.
   *
   * @example Count failed tools
   * ```ts
   * import { EventBus } from "@locus/core";
   * import { assertEquals } from "@std/assert";
   *
   * const bus = new EventBus();
   * let failed = 0;
   * {
   *   using _off = bus.on("agent.tool.completed", (event) => {
   *     if (!event.data.success) failed++;
   *   });
   *   bus.publish({
   *     run_id: "r1",
   *     event_type: "agent.tool.completed",
   *     data: {
   *       tool_name: "search",
   *       span_id: "c1",
   *       success: false,
   *       duration_ms: 3,
   *       output_preview: "",
   *       error: "Error: no index",
   *     },
   *   });
   *   await Promise.resolve();
   * }
   * assertEquals(failed, 1);
   * ```
   */
  on<const P extends string>(
    selector: EventSelector<P>,
    handler: (event: SelectedEvent<P>) => unknown,
    options: OnOptions = {},
  ): Off {
    const owner = "EventBus.on()";
    checkOptions(owner, options, ["run", "concurrency", "from", "signal", "onGap"]);
    if (typeof handler !== "function") {
      throw new TypeError(`${owner}: handler must be a function, got ${describe(handler)}`);
    }
    checkFunction(owner, "onGap", options.onGap);
    checkSignal(owner, options.signal);
    return this.#listen(owner, selector, handler, options, () => {});
  }

  /**
   * Waits for the next event that is selected; the past does not count.
   *
   * Rejects with a `TimeoutError` after `timeoutMs`, with the signal's reason when that aborts, and with an
   * `Error` when the run is closed first.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `timeoutMs` is not a number from 0 to 2147483647.
   */
  waitFor<const P extends string>(
    selector: EventSelector<P>,
    options: WaitForOptions = {},
  ): Promise<SelectedEvent<P>> {
    const owner = "EventBus.waitFor()";
    checkOptions(owner, options, ["timeoutMs", "signal"]);
    checkTimeout(owner, options.timeoutMs);
    checkSignal(owner, options.signal);
    // Compiled once more by whoever listens; here so that a bad one is found before a timer is set.
    compileSelector(owner, selector);
    return settleOnce(
      options,
      () => `No such event within ${options.timeoutMs} ms`,
      ({ resolve, reject }) =>
        this.#listen(
          owner,
          selector,
          resolve as (event: SelectedEvent<P>) => void,
          { concurrency: 1, onGap() {} },
          () => reject(new Error("Cannot wait: the run came to its end")),
        ),
    );
  }

  /**
   * The events that are held and selected, of one run or of all, newest first.
   *
   * @throws {TypeError} If the selector or an option is not valid.
   * @throws {RangeError} If `limit` is not a whole number of at least 0.
   */
  history<const P extends string>(
    selector: EventSelector<P> = {},
    options: HistoryOptions = {},
  ): SelectedEvent<P>[] {
    const owner = "EventBus.history()";
    checkOptions(owner, options, ["limit"]);
    const { limit = 100 } = options;
    checkCount(owner, "limit", limit, 0);
    const { run, matches } = compileSelector(owner, selector);
    const logs = run === undefined ? this.#runs.values() : [this.#runs.get(run)];
    return newestEntries(logs, matches, limit).map(({ event }) => event as SelectedEvent<P>);
  }

  /** The runs whose history is held, in no order. */
  runs(): RunInfo[] {
    return this.#runs.retainedLogs().map((log) => ({
      run_id: log.name,
      closed: log.ended !== null,
      cursor: log.idAt(log.head),
    }));
  }

  /**
   * Resolves when every reader of a run has taken what was published, and every handler is done with it: for a
   * producer that wants to pace itself by its readers. Nobody else waits.
   *
   * Rejects with a `TimeoutError` after `timeoutMs`, and with the signal's reason when that aborts.
   *
   * @throws {TypeError} If `runId` or an option is not valid.
   * @throws {RangeError} If `timeoutMs` is not a number from 0 to 2147483647.
   */
  drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    const owner = "EventBus.drained()";
    checkRunId(owner, runId);
    checkOptions(owner, options, ["timeoutMs", "signal"]);
    checkTimeout(owner, options.timeoutMs);
    checkSignal(owner, options.signal);
    const log = this.#runs.get(runId);
    const pending = () => Array.from(log?.readers ?? [], ({ depth }) => depth).filter(Boolean);
    return settleOnce<void>(
      options,
      () => `Readers of run "${runId}" have ${pending().join(", ")} events left`,
      ({ resolve }) => {
        const check = () => pending().length === 0 && resolve();
        check();
        return log?.onProgress(check);
      },
    );
  }

  /**
   * Ends a run, also one that nobody has published to. Idempotent.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  closeStream(runId: string): void {
    checkRunId("EventBus.closeStream()", runId);
    this.#runs.close(this.#runs.open(runId));
  }

  /**
   * Forgets a run's history, and that it was closed. Readers of a run that is still open are told of
   * what they had not taken, and go on.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  dropHistory(runId: string): void {
    checkRunId("EventBus.dropHistory()", runId);
    const log = this.#runs.get(runId);
    if (log !== undefined) this.#runs.drop(log);
  }

  /** Ends every global subscription and every handler of all runs; new ones may come. */
  closeGlobal(): void {
    this.#global?.end("closed");
    this.#global = null;
  }

  /** Counters, as of now. */
  stats(): BusStats {
    let activeRuns = 0;
    const queueDepths: Record<string, number[]> = Object.create(null);
    for (const log of this.#runs.values()) {
      if (log.readers.size === 0) continue;
      activeRuns++;
      queueDepths[log.name] = Array.from(log.readers, (reader) => reader.depth);
    }
    return {
      active_runs: activeRuns,
      global_subscribers: this.#global?.readers.subscriptions ?? 0,
      history_runs: this.#runs.retained,
      dropped_events_total: this.#dropped,
      queue_depths: queueDepths,
      published_events_total: this.#published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.#placeholders,
      evicted_runs_total: this.#runs.evicted,
      retained_bytes: this.#runs.bytes,
    };
  }

  static {
    innards = (bus) => ({
      runs: bus.#runs,
      global: () => bus.#global,
      decorate(decorate) {
        bus.#decorate = decorate;
      },
    });
  }

  /**
   * The copy of a payload; null if its event is refused. Getters run while it is taken, and may do with the
   * bus what they like, so it comes before any log is looked up.
   */
  #capture(eventType: string, data: unknown): Captured | null {
    if (!this.#validTypes.has(eventType) && !this.#admitType(eventType)) return null;
    return capture(data, this.#options.maxEventBytes);
  }

  #append(
    log: RunLog,
    eventType: string,
    { data, bytes, placeholders }: Captured,
  ): void {
    if (log.ended !== null) {
      this.#reject(`run "${log.name}" is closed`);
      return;
    }
    this.#placeholders += placeholders;
    const order = ++this.#published;
    const entry = new LogEntry(log, log.head + 1, eventType, order, Date.now(), data, bytes);
    this.#runs.append(log, entry);
    this.#global?.append(entry);
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

  /** The log of a run id from outside, or null if the id cannot name a run. */
  #logOf(runId: unknown): RunLog | null {
    const log = this.#runs.get(runId as string);
    if (log !== undefined) return log;
    if (isRunId(runId)) return this.#runs.open(runId);
    this.#reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
    return null;
  }

  #start(log: RunLog, from: "history" | "live"): ReaderStart {
    return from === "live" ? startLive(log) : startFromHistory(log, this.#options.historyPerRun);
  }

  #read<T>(
    owner: string,
    source: Source,
    { select, signal }: SubscribeGlobalOptions,
  ): LogSubscription<T> {
    const isSelected = compileSelect(owner, select);
    const subscription = new LogSubscription<T>(source.log, {
      start: source.start,
      maxLag: this.#options.maxQueueSize,
      matches: isSelected && ((entry) => isSelected(entry.eventType)),
      signal,
      onDrop: this.#countDropped,
      onRelease: source.leave,
    });
    source.join(subscription);
    return subscription.start();
  }

  /** Starts a pump on the run that the selector or the options name, or on all runs. */
  #listen<P extends string>(
    owner: string,
    selector: EventSelector<P>,
    handler: (event: SelectedEvent<P>) => unknown,
    options: OnOptions,
    onEnd: () => void,
  ): Off {
    const { run: selected, matches } = compileSelector(owner, selector);
    const { run = selected, concurrency = 10, from = "live", signal } = options;
    if (run !== undefined) checkRunId(owner, run);
    checkFrom(owner, from);
    checkCount(owner, "concurrency", concurrency, 1);
    if (run === undefined && from === "history") {
      throw new TypeError(`${owner}: "from" can be "history" only with a "run"`);
    }
    const source = run === undefined
      ? this.#allRuns("handlers")
      : this.#oneRun(run, (log) => this.#start(log, from));
    const off: Off = Object.assign(() => pump.stop(), { [Symbol.dispose]: () => pump.stop() });
    const pump = new HandlerPump<SelectedEvent<P>>(source.log, {
      handler,
      concurrency,
      start: source.start,
      maxLag: this.#options.maxQueueSize,
      matches,
      onDrop: this.#countDropped,
      onGap: options.onGap ?? this.#reportGap,
      onError: this.#reportHandler,
      onRelease: (reader, atEnd) => {
        signal?.removeEventListener("abort", off);
        source.leave(reader);
        if (atEnd) onEnd();
      },
    });
    source.join(pump);
    if (signal?.aborted) off();
    else signal?.addEventListener("abort", off, { once: true });
    pump.start();
    return off;
  }

  #oneRun(runId: string, start: (log: RunLog) => ReaderStart): Source {
    const log = this.#runs.open(runId);
    return this.#decorate({
      log,
      start: start(log),
      join: (reader) => this.#runs.addReader(log, reader),
      leave: (reader) => this.#runs.removeReader(log, reader),
    }, start);
  }

  #allRuns(kind: keyof GlobalLog["readers"]): Source {
    const { maxQueueSize, maxBytes } = this.#options;
    const log = this.#global ??= new GlobalLog(maxQueueSize, maxBytes);
    return {
      log,
      start: startLive(log),
      join: () => void log.readers[kind]++,
      leave: () => {
        const { readers } = log;
        readers[kind]--;
        const isUnused = readers.subscriptions + readers.handlers === 0;
        if (isUnused && this.#global === log) this.#global = null;
      },
    };
  }

  readonly #countDropped = (count: number): void => {
    this.#dropped += count;
  };

  readonly #reportGap = ({ run_id, data }: Envelope<"bus.gap", BusGap>): void => {
    this.#report(
      new Error(`A handler missed ${data.count} events of run "${run_id}": ${data.reason}`),
      "handler",
    );
  };

  readonly #reportHandler = (error: unknown): void => {
    const known = isError(error) ? error : new Error(`A handler threw ${describe(error)}`);
    this.#report(known, "handler");
  };

  #reject(reason: string): void {
    this.#rejected++;
    this.#report(new Error(`Cannot publish event: ${reason}`), "publish");
  }

  #report(error: Error, stage: BusErrorContext["stage"]): void {
    // What telling of an error leads to is counted only: telling of that as well might never end.
    if (this.#isReporting) return;
    this.#isReporting = true;
    try {
      const told: unknown = this.#options.onError(error, { stage });
      if (isPromiseLike(told)) Promise.resolve(told).catch(() => {});
    } catch {
      // Nobody is left to tell.
    } finally {
      this.#isReporting = false;
    }
  }
}

/** What somebody reads: one run, or all of them. */
export interface Source<L extends EventLog = EventLog> {
  readonly log: L;
  readonly start: ReaderStart;
  join(reader: Reader): void;
  leave(reader: Reader): void;
}

const MAX_REMEMBERED_TYPES = 1024;

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    // A proxy that does not say what it is.
    return false;
  }
}

function checkFrom(owner: string, from: unknown): void {
  if (from !== "history" && from !== "live") {
    throw new TypeError(`${owner}: "from" must be "history" or "live", got ${describe(from)}`);
  }
}
