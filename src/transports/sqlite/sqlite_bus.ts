import type {
  Appended,
  AppendOptions,
  ArchiveBus,
  BusStats,
  DrainedOptions,
  FindRunsOptions,
  FoundRuns,
  HistoryOptions,
  Off,
  OnOptions,
  RunInfo,
  RunWriter as Writer,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  WaitForOptions,
} from "../../core/bus/bus.ts";
import { copyPayload } from "../../core/copy_payload.ts";
import { checkRunId } from "../../core/checks.ts";
import { EventBus, sourcesOf } from "../../core/bus/event_bus.ts";
import type { BusSettings } from "../../core/bus/event_bus_options.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "../../core/bus/nesting.ts";
import { checkCount, checkOptions, describe } from "../../core/options.ts";
import { readAppend } from "../../core/bus/read_append.ts";
import type { EventFilter, SelectedEvent, SelectorName } from "../../core/bus/selector.ts";
import {
  EVENT_TYPE_RULE,
  formatEventId,
  isEventType,
  isRunId,
  RUN_ID_RULE,
} from "../../events/identifiers.ts";
import type { Events } from "../../events/own_events.ts";
import type { EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { onExit } from "../../runtime/machine.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { Reporter } from "../remote/reporter.ts";
import type { CloseOptions, SharedBus } from "../remote/shared_bus.ts";
import { Archive } from "./archive.ts";
import { importRun, upTo } from "./carry_runs.ts";
import { reasonOf } from "./errors.ts";
import type { Opened } from "./opening.ts";
import { unregister } from "./opening.ts";
import { Pending } from "./pending.ts";
import { Polling } from "./polling.ts";
import { Readings } from "./readings.ts";
import { RunFile } from "./run_file.ts";
import { SearchIndex } from "./search_index.ts";
import { Storing } from "./storing.ts";
import { Upkeep } from "./upkeep.ts";
import type { AppendWork, ClaimWork, NewEvent, Work } from "./work.ts";

/** The bounds of a {@linkcode SqliteBus}, all given. */
export interface SqliteBusSettings<E extends object = NoEvents> extends BusSettings {
  readonly events?: Events<E>;
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
  readonly pollMs: number;
  readonly search: boolean;
  readonly retentionMs: number;
  readonly maxStoredBytes: number;
}

/**
 * A bus whose runs are in an SQLite file.
 *
 * - **Publishing** leaves the event in memory and returns. It is stored in the next turn of the event loop, together
 *   with everything else that was published in this one, and gets its number.
 * - **Reading** goes through the ordinary bus of this process, whose logs are those of the file.
 */
export class SqliteBus<E extends object = NoEvents> implements SharedBus<E>, ArchiveBus<E> {
  readonly events?: Events<E>;
  readonly content?: boolean;
  readonly maxEventBytes: number;
  readonly #reopen: () => Opened;
  #opened: Opened;
  // When it was looked last whether the file is still there.
  #lookedAt = 0;
  readonly #settings: SqliteBusSettings<E>;
  // Serves the readers.
  readonly #local: EventBus<E>;
  readonly #file: RunFile;
  readonly #pending: Pending;
  readonly #readings: Readings;
  readonly #index: SearchIndex | null;
  readonly #archive: Archive;
  readonly #storing: Storing;
  readonly #polling: Polling;
  readonly #upkeep: Upkeep;
  readonly #reporter: Reporter;
  readonly #removeExit: () => void;
  #isClosed = false;
  #published = 0;
  #rejected = 0;
  #placeholders = 0;
  #lost = 0;
  #evicted = 0;

  /** Use {@linkcode sqliteBus}, which opens the file. */
  constructor(reopen: () => Opened, settings: SqliteBusSettings<E>) {
    this.events = settings.events;
    this.content = settings.content;
    this.maxEventBytes = settings.maxEventBytes;
    this.#reopen = reopen;
    const opened = this.#opened = reopen();
    this.#settings = settings;
    const {
      maxPendingEvents,
      maxPendingBytes,
      pollMs,
      retentionMs,
      maxStoredBytes,
      search,
      ...bounds
    } = settings;
    const reporter = this.#reporter = new Reporter(settings.onError);
    this.#local = new EventBus(bounds);
    const index = this.#index = search ? new SearchIndex(opened.engine) : null;
    const file = this.#file = new RunFile(opened.engine, {
      historyPerRun: settings.historyPerRun,
      maxRunsRetained: settings.maxRunsRetained,
      opener: () => this.#opened.opener,
      isRead: (runId) => this.#readings.isReading(runId),
      epochOf: (runId) => this.#readings.epochOf(runId),
    }, (orders) => void index?.step(orders));
    const readings = this.#readings = new Readings(file, {
      sources: sourcesOf(this.#local),
      maxEventBytes: settings.maxEventBytes,
      maxQueueSize: settings.maxQueueSize,
      maxBytes: settings.maxBytes,
      onFailure: this.#onFailure,
      isClosed: () => this.#isClosed,
    });
    this.#archive = new Archive(file, index, settings.maxEventBytes, () => {
      if (this.#isClosed) throw closedError();
    });
    const pending = this.#pending = new Pending({
      maxPendingEvents,
      maxPendingBytes,
    });
    this.#storing = new Storing({
      file,
      pending,
      readings,
      checkFile: () => this.#checkFile(),
      onRefused: (runId, count) => {
        this.#published -= count;
        this.#reject(`run "${runId}" is closed`, count);
      },
      onStored: (bytes, evicted) => {
        this.#upkeep.stored(bytes);
        this.#evicted += evicted;
      },
      onFailure: this.#onFailure,
    });
    const isRead = (runId: string) => this.#readings.isReading(runId);
    const upkeep = this.#upkeep = new Upkeep({
      engine: opened.engine,
      opener: () => this.#opened.opener,
      retentionMs,
      maxStoredBytes,
      isRead,
      evict: (runId) => this.#tidy({ kind: "evict", runId, state: null }),
      trim: (runId, upTo) => this.#tidy({ kind: "trim", runId, upTo, state: null }),
      onFailure: this.#onFailure,
    });
    this.#polling = new Polling({
      pollMs,
      isRead: () => readings.isRead,
      hasOthers: () => upkeep.hasOthers,
      look: () =>
        this.#checkFile() &&
        file.look((before, now) => readings.follow(before, now)),
      onFailure: this.#onFailure,
    });
    this.#removeExit = onExit(() => this.flushNow());
    for (const loss of opened.losses) reporter.report(new Error(loss));
  }

  publish<T extends string>(draft: EventDraft<T, E>): void {
    this.#accept(() => {
      const { run_id: runId, event_type: eventType, data } = draft;
      if (!isRunId(runId)) {
        return this.#reject(
          `run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`,
        );
      }
      this.#leave(runId, eventType, data);
    });
  }

  writer(runId: string): Writer {
    checkRunId("Bus.writer()", runId);
    return {
      write: (eventType, data) => this.#accept(() => this.#leave(runId, eventType, data)),
    };
  }

  async append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    const { maxEventBytes } = this.#settings;
    const { events, producer } = readAppend(
      "Bus.append()",
      runId,
      drafts,
      options,
      maxEventBytes,
    );
    const time = Date.now();
    const { onFenced, signal } = options;
    const { answer, fencedBy } = await this.#append(
      runId,
      events.map((event) => newEvent(event, time)),
      producer,
      signal,
    );
    if (answer === "fenced") dropRejection(onFenced?.(fencedBy));
    if (answer === "stored") {
      this.#published += events.length;
      for (const { captured } of events) {
        this.#placeholders += captured.placeholders;
      }
    }
    return answer!;
  }

  async claim(runId: string, producerId: string): Promise<number> {
    checkRunId("Bus.claim()", runId);
    checkRunId("Bus.claim()", producerId, "producerId");
    const { answer } = await this.#call<ClaimWork>(
      (settle) => ({
        ...CALL,
        kind: "claim",
        runId,
        events: [],
        producerId,
        answer: null,
        settle,
      }),
    );
    return answer!;
  }

  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.#startReading();
    return this.#local.subscribe<F>(runId, options);
  }

  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.#startReading();
    return this.#local.subscribeGlobal<F>(options);
  }

  on<const P extends string>(
    selector:
      | P & NoInfer<SelectorName<P, E>>
      | readonly SelectorName<P, E>[]
      | EventFilter<P, E>,
    handler: (event: SelectedEvent<P, E>) => unknown,
    options?: OnOptions,
  ): Off {
    this.#startReading();
    return this.#local.on(selector, handler, options);
  }

  waitFor<const P extends string>(
    selector:
      | P & NoInfer<SelectorName<P, E>>
      | readonly SelectorName<P, E>[]
      | EventFilter<P, E>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P, E>> {
    this.#startReading();
    return this.#local.waitFor(selector, options);
  }

  /** The events of the file that are selected, newest first. Without a run in the selector, all runs are read. */
  async history<const P extends string>(
    selector:
      | P & NoInfer<SelectorName<P, E>>
      | readonly SelectorName<P, E>[]
      | EventFilter<P, E> = {},
    options: HistoryOptions = {},
  ): Promise<SelectedEvent<P, E>[]> {
    return await this.#archive.history(selector, options) as SelectedEvent<P, E>[];
  }

  // deno-lint-ignore require-await
  async runs(): Promise<RunInfo[]> {
    return this.#archive.runs();
  }

  findRuns(options: FindRunsOptions = {}): Promise<FoundRuns> {
    return this.#archive.findRuns(options);
  }

  /**
   * A run as it is now, from its oldest event on: to be kept as lines of JSON, such as `locus record` writes, or for
   * {@linkcode importRun}. Of a run that the bus has not got there is nothing.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  exportRun(runId: string): AsyncIterable<StreamEvent> {
    checkRunId("SqliteBus.exportRun()", runId);
    const row = this.#isClosed ? undefined : this.#file.writer.find(runId);
    const cursor = row === undefined ? "" : formatEventId(row.epoch, row.head);
    return upTo(cursor, () => this.#local.subscribe(runId) as AsyncIterable<StreamEvent>);
  }

  /**
   * Stores a run that was recorded, under its id and the times of its events, in a new epoch. Gaps of the recording stay.
   * The run is open afterwards.
   *
   * @returns How many events were stored.
   * @throws {TypeError} If one is not an event, or is of another run, as a rejection: what came before it is stored.
   * @throws {Error} If the bus has the run already, as a rejection.
   */
  importRun(events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>): Promise<number> {
    return importRun(events, {
      maxEventBytes: this.maxEventBytes,
      isKnown: (runId) => this.#file.writer.find(runId) !== undefined,
      store: async (runId, count, events) => {
        if (count > 0) this.#push({ kind: "lost", runId, count, state: null, seq: 0, order: 0 });
        const { answer } = await this.#append(runId, events, null);
        if (answer === "closed") throw new Error(`Cannot store in run "${runId}": it is closed`);
        this.#published += events.length;
      },
    });
  }

  async drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    checkRunId("Bus.drained()", runId);
    const start = performance.now();
    // Checks the options, and gives up when they say so.
    const draining = this.#local.drained(runId, options);
    const failed = new Promise<never>((_, reject) => void draining.catch(reject));
    failed.catch(() => {});
    await Promise.race([this.flushed(), failed]);
    const { timeoutMs, signal } = options;
    const left = timeoutMs === undefined
      ? undefined
      : Math.max(0, timeoutMs - (performance.now() - start));
    return this.#local.drained(runId, { timeoutMs: left, signal });
  }

  closeStream(runId: string): void {
    checkRunId("Bus.closeStream()", runId);
    this.#command(runId, "close");
  }

  dropHistory(runId: string): void {
    checkRunId("Bus.dropHistory()", runId);
    this.#command(runId, "drop");
  }

  closeGlobal(): void {
    this.#local.closeGlobal();
  }

  /** The counters of this process; `history_runs` counts the runs of the file. */
  stats(): BusStats {
    const local = this.#local.stats();
    return {
      ...local,
      history_runs: this.#isClosed ? 0 : this.#file.writer.count,
      published_events_total: this.#published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.#placeholders,
      dropped_events_total: local.dropped_events_total + this.#lost,
      evicted_runs_total: this.#evicted,
      retained_bytes: this.#readings.bytes,
    };
  }

  flushed(): Promise<void> {
    return this.#storing.flushed();
  }

  /** Stores everything that was published, before it returns; what cannot be stored at once is not. */
  flushNow(): void {
    if (!this.#isClosed) this.#storing.flushNow();
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions("close()", options, ["timeoutMs"]);
    const { timeoutMs = 5_000 } = options;
    checkCount("close()", "timeoutMs", timeoutMs, 0);
    if (this.#isClosed) return;
    this.flushNow();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([this.flushed(), enough]);
    clearTimeout(timer);
    if (!this.#isClosed) this.#end();
  }

  /** Closes the bus: what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(): void {
    this.#isClosed = true;
    this.#removeExit();
    this.#polling.end();
    this.#upkeep.end();
    this.#storing.end();
    const works = this.#pending.end();
    let lost = 0;
    for (const work of works) {
      if (work.kind === "events") lost += work.events.length;
      if ("settle" in work) work.settle(closedError());
    }
    if (lost > 0) {
      this.#lost += lost;
      this.#reporter.report(
        new Error(
          `Lost ${lost} events: the bus was closed before they were stored`,
        ),
      );
    }
    this.#readings.end("closed");
    const { engine, opener, isOwn } = this.#opened;
    try {
      unregister(engine, opener);
      if (isOwn) engine.close();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Reads an event of somebody's, which may publish in turn. */
  #accept(read: () => void): void {
    if (!enterPublish()) return this.#reject(NESTED_TOO_OFTEN);
    try {
      read();
    } catch (error) {
      this.#reject(`the event cannot be read: ${describe(error)}`);
    } finally {
      leavePublish();
    }
  }

  #leave(runId: string, eventType: unknown, data: unknown): void {
    if (this.#isClosed) return this.#reject("the bus was closed");
    if (!isEventType(eventType)) {
      return this.#reject(
        `event_type must be ${EVENT_TYPE_RULE}, got ${describe(eventType)}`,
      );
    }
    const captured = copyPayload(data, this.#settings.maxEventBytes);
    this.#placeholders += captured.placeholders;
    this.#published++;
    const isLeft = this.#pending.add(
      runId,
      newEvent({ eventType, captured }, Date.now()),
    );
    this.#storing.schedule();
    if (isLeft) return;
    this.#lost++;
    this.#reporter.reportFailure(
      new Error(`Lost events of run "${runId}": ${FULL}`),
    );
  }

  #command(runId: string, kind: "close" | "drop"): void {
    const why = this.#isClosed ? "the bus was closed" : this.#pending.hasRoom(0) ? null : FULL;
    if (why !== null) {
      return this.#reporter.report(
        new Error(`Cannot ${kind} run "${runId}": ${why}`),
      );
    }
    this.#push({ kind, runId, state: null });
  }

  #push(work: Work): void {
    this.#pending.push(work);
    this.#storing.schedule();
  }

  /** Keeps the file within its bounds: not while it takes nothing, or that alone would fill what is pending. */
  #tidy(work: Work): void {
    if (!this.#storing.isFailing) this.#push(work);
  }

  #startReading(): void {
    if (!this.#isClosed) this.#polling.start();
  }

  #append(
    runId: string,
    events: NewEvent[],
    producer: AppendWork["producer"],
    signal?: AbortSignal,
  ): Promise<AppendWork> {
    const call = { ...CALL, kind: "append", runId, events, producer, fencedBy: 0 } as const;
    return this.#call<AppendWork>((settle) => ({ ...call, answer: null, settle }), signal);
  }

  /** Leaves a call, and waits until it is answered. */
  #call<W extends AppendWork | ClaimWork>(
    make: (settle: (error?: unknown) => void) => W,
    signal?: AbortSignal,
  ): Promise<W> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError());
      const settle = (error?: unknown) => {
        signal?.removeEventListener("abort", giveUp);
        if (error === undefined) resolve(work);
        else reject(error);
      };
      const giveUp = () => {
        work.isGivenUp = true;
        settle(signal!.reason);
      };
      const work = make(settle);
      const bytes = work.events.reduce(
        (sum, { captured }) => sum + captured.bytes,
        0,
      );
      if (!this.#pending.hasRoom(bytes)) {
        return reject(
          new Error(`Cannot store in run "${work.runId}": ${FULL}`),
        );
      }
      signal?.addEventListener("abort", giveUp);
      this.#push(work);
      this.#storing.keepAlive();
    });
  }

  /** Begins another file where the one that was open is gone: in what was deleted, nobody would find anything. */
  #checkFile(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < CHECK_MS) return true;
    this.#lookedAt = now;
    const { isThere, engine } = this.#opened;
    if (isThere === null || isThere()) return true;
    this.#lookedAt = 0;
    const { orders } = this.#file.meta;
    try {
      engine.close();
    } catch {
      // It was closed before, but no other could be opened.
    }
    const opened = this.#reopen();
    engine.replace(opened.database);
    this.#opened = { ...opened, engine };
    this.#index?.prepare();
    this.#file.restart();
    this.#readings.restart();
    this.#reporter.report(
      new Error(
        `The file was deleted or replaced while it was open: what was stored there, up to ${orders} events, is gone, and another file was opened`,
      ),
    );
    return true;
  }

  readonly #onFailure = (error: unknown): void => {
    this.#reporter.reportFailure(
      new Error(`SQLite: ${reasonOf(error)}`, { cause: error }),
    );
  };

  #reject(reason: string, count = 1): void {
    this.#rejected += count;
    this.#reporter.report(new Error(`Cannot publish event: ${reason}`));
  }
}

const FULL = "too much waits to be stored";
const CHECK_MS = 250;
const CALL = { state: null, isGivenUp: false } as const;

function newEvent(
  { eventType, captured }: {
    eventType: string;
    captured: NewEvent["captured"];
  },
  time: number,
): NewEvent {
  return { type: eventType, time, captured, seq: 0, order: 0 };
}

function closedError(): Error {
  return new Error("The bus was closed");
}
