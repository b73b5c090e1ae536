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
import { EventBus, sourcesOf } from "../../core/bus/event_bus.ts";
import type { BusSettings } from "../../core/bus/event_bus_options.ts";
import { readAppend } from "../../core/bus/read_append.ts";
import type { EventFilter, SelectedEvent, SelectorName } from "../../core/bus/selector.ts";
import { checkRunId } from "../../core/checks.ts";
import type { Captured } from "../../core/copy_payload.ts";
import { formatEventId } from "../../events/identifiers.ts";
import type { Events } from "../../events/own_events.ts";
import type { EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { onExit } from "../../runtime/machine.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { Intake } from "../remote/intake.ts";
import { Reporter } from "../remote/reporter.ts";
import type { CloseOptions, SharedBus } from "../remote/shared_bus.ts";
import { drainedWhenStored, readCloseTimeout, within } from "../remote/waiting.ts";
import { Calls, FULL } from "./calls.ts";
import { importRun, upTo } from "./carry_runs.ts";
import { Disk, type DiskLimits } from "./disk.ts";
import type { Opened } from "./opening.ts";
import type { NewEvent } from "./work.ts";

/** The bounds of the bus that serves the readers, all given. */
export interface SqliteBusBounds<E extends object = NoEvents> extends BusSettings {
  readonly events?: Events<E>;
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
  // Serves the readers.
  readonly #local: EventBus<E>;
  readonly #disk: Disk;
  readonly #calls: Calls;
  readonly #intake: Intake;
  readonly #reporter: Reporter;
  readonly #removeExit: () => void;

  /** Use {@linkcode sqliteBus}, which opens the file. */
  constructor(reopen: () => Opened, bounds: SqliteBusBounds<E>, limits: DiskLimits) {
    const { maxEventBytes } = bounds;
    this.events = bounds.events;
    this.content = bounds.content;
    this.maxEventBytes = maxEventBytes;
    const reporter = this.#reporter = new Reporter(bounds.onError);
    this.#local = new EventBus(bounds);
    const disk = this.#disk = new Disk(reopen, sourcesOf(this.#local), { ...bounds, ...limits }, {
      reporter,
      onRefused: (runId, count) => this.#intake.refused(runId, count),
    });
    this.#calls = new Calls(disk);
    this.#intake = new Intake({
      maxEventBytes,
      reporter,
      refusal: () => disk.refusal,
      take: (runId, type, captured) => this.#take(runId, type, captured),
    });
    this.#removeExit = onExit(() => this.flushNow());
  }

  publish<T extends string>(draft: EventDraft<T, E>): void {
    this.#intake.publish(draft);
  }

  writer(runId: string): Writer {
    return this.#intake.writer(runId);
  }

  async append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    const read = readAppend("Bus.append()", runId, drafts, options, this.maxEventBytes);
    const time = Date.now();
    const events = read.events.map(({ eventType, captured }) =>
      newEvent(eventType, captured, time)
    );
    const { onFenced, signal } = options;
    const { answer, fencedBy } = await this.#calls.append(runId, events, read.producer, signal);
    if (answer === "fenced") dropRejection(onFenced?.(fencedBy));
    if (answer === "stored") this.#intake.stored(events);
    return answer!;
  }

  async claim(runId: string, producerId: string): Promise<number> {
    checkRunId("Bus.claim()", runId);
    checkRunId("Bus.claim()", producerId, "producerId");
    const { answer } = await this.#calls.claim(runId, producerId);
    return answer!;
  }

  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.#disk.startReading();
    return this.#local.subscribe<F>(runId, options);
  }

  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.#disk.startReading();
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
    this.#disk.startReading();
    return this.#local.on(selector, handler, options);
  }

  waitFor<const P extends string>(
    selector:
      | P & NoInfer<SelectorName<P, E>>
      | readonly SelectorName<P, E>[]
      | EventFilter<P, E>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P, E>> {
    this.#disk.startReading();
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
    return await this.#disk.archive.history(selector, options) as SelectedEvent<P, E>[];
  }

  // deno-lint-ignore require-await
  async runs(): Promise<RunInfo[]> {
    return this.#disk.archive.runs();
  }

  get canSearch(): boolean {
    return this.#disk.archive.canSearch;
  }

  findRuns(options: FindRunsOptions = {}): Promise<FoundRuns> {
    return this.#disk.archive.findRuns(options);
  }

  /**
   * A run as it is now, from its oldest event on: to be kept as lines of JSON, such as `locus record` writes, or for
   * {@linkcode importRun}. Of a run that the bus has not got there is nothing.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  exportRun(runId: string): AsyncIterable<StreamEvent> {
    checkRunId("SqliteBus.exportRun()", runId);
    const row = this.#disk.isClosed ? undefined : this.#disk.file.writer.find(runId);
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
      isKnown: (runId) => this.#disk.file.writer.find(runId) !== undefined,
      store: async (runId, lost, events) => {
        await this.#calls.import(runId, lost, events);
        this.#intake.published += events.length;
      },
    });
  }

  drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    return drainedWhenStored(this.#local, runId, options, () => this.flushed());
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
    const { isClosed, file, evicted, bytesInMemory } = this.#disk;
    return {
      ...this.#intake.addTo(this.#local.stats()),
      history_runs: isClosed ? 0 : file.writer.count,
      evicted_runs_total: evicted,
      retained_bytes: bytesInMemory,
    };
  }

  flushed(): Promise<void> {
    return this.#disk.flushed();
  }

  /** Stores everything that was published, before it returns; what cannot be stored at once is not. */
  flushNow(): void {
    this.#disk.flushNow();
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = readCloseTimeout(options);
    if (this.#disk.isClosed) return;
    this.flushNow();
    await within(timeoutMs, this.flushed());
    if (this.#disk.isClosed) return;
    this.#removeExit();
    const lost = this.#disk.end();
    if (lost === 0) return;
    this.#intake.lost += lost;
    const what = `Lost ${lost} events: the bus was closed before they were stored`;
    this.#reporter.report(new Error(what));
  }

  /** Closes the bus: what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(runId: string, type: string, captured: Captured): void {
    if (this.#disk.add(runId, newEvent(type, captured, Date.now()))) return;
    this.#intake.lost++;
    this.#reporter.reportFailure(new Error(`Lost events of run "${runId}": ${FULL}`));
  }

  #command(runId: string, kind: "close" | "drop"): void {
    const disk = this.#disk;
    const why = disk.refusal ?? (disk.hasRoom(0) ? null : FULL);
    if (why === null) return disk.push({ kind, runId, state: null });
    this.#reporter.report(new Error(`Cannot ${kind} run "${runId}": ${why}`));
  }
}

function newEvent(type: string, captured: Captured, time: number): NewEvent {
  return { type, time, captured, seq: 0, order: 0 };
}
