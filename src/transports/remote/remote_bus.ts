import type {
  Appended,
  AppendOptions,
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
} from "../../core/bus/bus.ts";
import { checkRunId } from "../../core/checks.ts";
import type { EventLog } from "../../core/log/event_log.ts";
import { EventBus, sourcesOf } from "../../core/bus/event_bus.ts";
import { readAppend } from "../../core/bus/read_append.ts";
import { type ReaderStart, startLive } from "../../core/log/reader_start.ts";
import { RunLog } from "../../core/log/run_log.ts";
import type { EventFilter, SelectedEvent, SelectorName } from "../../core/bus/selector.ts";
import type { Source, Sources } from "../../core/bus/sources.ts";
import type { Events } from "../../events/own_events.ts";
import type { EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { AllRunsFeed } from "./all_runs_feed.ts";
import { Intake } from "./intake.ts";
import { MirrorLog } from "./mirror_log.ts";
import { OrderLog } from "./order_log.ts";
import { Outbox } from "./outbox.ts";
import { PermanentError } from "./permanent_error.ts";
import type { RemoteBusSettings } from "./remote_bus_options.ts";
import { asError, Reporter } from "./reporter.ts";
import { RunMirror } from "./run_mirror.ts";
import { RunOrder } from "./run_order.ts";
import type { CloseOptions, SharedBus } from "./shared_bus.ts";
import type { Store } from "./store.ts";
import { StoredRuns } from "./stored_runs.ts";
import { closedError, drainedWhenStored, readCloseTimeout, within } from "./waiting.ts";

/**
 * A bus whose runs are kept by a {@linkcode Store} that several processes share.
 *
 * - **Publishing** leaves the event in an outbox and returns. The store gives it its number.
 * - **Reading** goes through the ordinary bus of this process: a run that is read here is mirrored into one of its
 *   logs, once for all who read it.
 */
export class RemoteBus<E extends object = NoEvents> implements SharedBus<E> {
  readonly events?: Events<E>;
  readonly content?: boolean;
  readonly maxEventBytes: number;
  readonly #store: Store;
  readonly #settings: RemoteBusSettings;
  // Serves the readers of this process.
  readonly #local: EventBus<E>;
  readonly #sources: Sources;
  readonly #order: RunOrder;
  readonly #stored: StoredRuns;
  readonly #intake: Intake;
  readonly #outbox: Outbox;
  readonly #feed: AllRunsFeed;
  readonly #mirrors: Map<string, RunMirror> = new Map();
  readonly #reporter: Reporter;
  #isClosed = false;

  constructor(store: Store, settings: RemoteBusSettings<E>) {
    this.events = settings.events;
    this.content = settings.content;
    this.maxEventBytes = settings.maxEventBytes;
    this.#store = store;
    this.#settings = settings;
    this.#reporter = new Reporter(settings.onError);
    const { maxPendingEvents, maxPendingBytes, ...bounds } = settings;
    this.#local = new EventBus(bounds);
    this.#sources = sourcesOf(this.#local);
    this.#sources.runs.createLog = (runId, limit) => new MirrorLog(runId, limit);
    // What is forgotten here is still in the store.
    this.#sources.runs.forgotten = null;
    this.#order = new RunOrder(this.#sources, this.#mirrors);
    this.#sources.createGlobal = (options) => new OrderLog(options, store.orderStep);
    this.#sources.wrapRun = (source, start) => this.#mirrored(source, start);
    this.#sources.wrapAllRuns = (source, after) =>
      this.#isClosed ? this.#nowhere(source.log) : this.#feed.source(source, after);
    this.#stored = new StoredRuns(store, settings);
    this.#intake = new Intake({
      maxEventBytes: settings.maxEventBytes,
      reporter: this.#reporter,
      refusal: () => this.#isClosed ? "the bus was closed" : null,
      take: (runId, type, { data }) =>
        this.#outbox.add(runId, { type, time: Date.now(), data: JSON.stringify(data) }),
    });
    this.#outbox = new Outbox(store, {
      maxPendingEvents,
      // As `copyPayload()` estimates.
      maxPendingChars: Math.ceil(maxPendingBytes / 2),
      ready: (runId) => this.#ready(runId),
      onLost: (runId, count, why) => {
        this.#intake.lost += count;
        this.#reporter.reportFailure(new Error(`Lost events of run "${runId}": ${why}`));
      },
      onRefused: (runId, count) => this.#intake.refused(runId, count),
      onFailure: this.#reporter.reportFailure,
    });
    const { maxEventBytes, maxRunsRetained: maxRuns } = settings;
    this.#feed = new AllRunsFeed({
      store,
      maxEventBytes,
      maxRuns,
      global: () => this.#sources.global,
      onUnreadable: this.#onUnreadable,
      onFailure: this.#reporter.reportFailure,
      onBroken: (error) => this.#rejectAllRuns(error),
    });
    store.listen({
      notice: (notice) => {
        this.#mirrors.get(notice.runId)?.notice(notice);
        this.#feed.notice(notice);
      },
      missed: () => {
        for (const mirror of this.#mirrors.values()) mirror.missed();
        this.#feed.missed();
      },
      failed: (error) => {
        this.#reporter.reportFailure(error);
        if (!(error instanceof PermanentError)) return;
        for (const mirror of [...this.#mirrors.values()]) mirror.end("rejected", error);
        this.#rejectAllRuns(error);
      },
    });
  }

  publish<T extends string>(draft: EventDraft<T, E>): void {
    this.#intake.publish(draft);
  }

  writer(runId: string): RunWriter {
    return this.#intake.writer(runId);
  }

  async append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    const { maxEventBytes } = this.#settings;
    const read = readAppend("Bus.append()", runId, drafts, options, maxEventBytes);
    if (this.#isClosed) throw closedError();
    const time = Date.now();
    const events = read.events.map(({ eventType: type, captured: { data } }) => {
      return { type, time, data: JSON.stringify(data) };
    });
    const { onFenced, signal } = options;
    const stored = await this.#outbox.append(runId, events, read.producer, signal);
    if (typeof stored === "object") {
      dropRejection(onFenced?.(stored.fenced));
      return "fenced";
    }
    if (stored === "stored") this.#intake.stored(read.events);
    return stored;
  }

  async claim(runId: string, producerId: string): Promise<number> {
    checkRunId("Bus.claim()", runId);
    checkRunId("Bus.claim()", producerId, "producerId");
    if (this.#isClosed) throw closedError();
    return await this.#outbox.claim(runId, producerId);
  }

  /**
   * Reads one run, or several as one, in the order in which the store took their events: see {@linkcode Bus.subscribe}.
   * A run that began after the position starts with a `bus.gap` (`new_epoch`), because it may have been another one before.
   */
  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    const subscription = this.#local.subscribe<F>(runId, options);
    if (this.#isClosed) return Object.assign(subscription, { opened: rejected(closedError()) });
    const runIds = subscription.runs?.map(({ runId }) => runId) ?? [subscription.runId];
    const opened = Promise.all(runIds.map((runId) => this.#mirrors.get(runId)?.placed))
      .then(() => {});
    // Those who do not ask are told by the reports.
    opened.catch(() => {});
    return Object.assign(subscription, { opened });
  }

  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    const subscription = this.#local.subscribeGlobal<F>(options);
    const opened = this.#isClosed ? rejected(closedError()) : this.#feed.placed;
    return Object.assign(subscription, { opened });
  }

  on<const P extends string>(
    selector: P & NoInfer<SelectorName<P, E>> | readonly SelectorName<P, E>[] | EventFilter<P, E>,
    handler: (event: SelectedEvent<P, E>) => unknown,
    options?: OnOptions,
  ): Off {
    return this.#local.on(selector, handler, options);
  }

  waitFor<const P extends string>(
    selector: P & NoInfer<SelectorName<P, E>> | readonly SelectorName<P, E>[] | EventFilter<P, E>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P, E>> {
    return this.#local.waitFor(selector, options);
  }

  /** The events that the store holds and that are selected, newest first. Without a run in the selector, all runs are read. */
  async history<const P extends string>(
    selector: P & NoInfer<SelectorName<P, E>> | readonly SelectorName<P, E>[] | EventFilter<P, E> =
      {},
    options: HistoryOptions = {},
  ): Promise<SelectedEvent<P, E>[]> {
    return await this.#stored.history(selector, options) as SelectedEvent<P, E>[];
  }

  runs(): Promise<RunInfo[]> {
    return this.#stored.runs();
  }

  drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    return drainedWhenStored(this.#local, runId, options, async () => {
      await this.#outbox.flushed(runId);
      await this.#mirrors.get(runId)?.caughtUp();
    });
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
    this.#closeGlobal("closed");
  }

  /** The counters of this process: what it published, and what it reads. */
  stats(): BusStats {
    return this.#intake.addTo(this.#local.stats());
  }

  flushed(): Promise<void> {
    return this.#outbox.flushed(null);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    await this.end(readCloseTimeout(options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Stores what was published, ends all readers of this process, and gives the connections back.
   *
   * @param timeoutMs How long to wait for the store at most.
   */
  async end(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.flushed());
    this.#isClosed = true;
    this.#outbox.end();
    this.closeGlobal();
    for (const mirror of [...this.#mirrors.values()]) mirror.end("evicted", closedError());
    await this.#store.end();
  }

  #command(runId: string, kind: "close" | "drop"): void {
    if (!this.#isClosed) return this.#outbox.command(runId, kind);
    this.#reporter.report(new Error(`Cannot ${kind} run "${runId}": the bus was closed`));
  }

  /** Where the readers of a run read: from the run's mirror. */
  #mirrored(source: Source<RunLog>, start: (log: RunLog) => ReaderStart): Source {
    const { runs } = this.#sources;
    const runId = source.log.name;
    if (this.#isClosed) return this.#nowhere(source.log);
    let mirror = this.#mirrors.get(runId);
    if (mirror?.log.forgotten) mirror.end("evicted");
    mirror = this.#mirrors.get(runId);
    if (mirror === undefined) {
      // One that was followed before has come to its end; its readers may still be there.
      if (source.log.ended !== null) runs.drop(source.log);
      mirror = new RunMirror(runId, runs.open(runId) as MirrorLog, {
        store: this.#store,
        runs,
        maxEventBytes: this.#settings.maxEventBytes,
        onUnreadable: this.#onUnreadable,
        onFailure: this.#reporter.reportFailure,
        orderEpoch: () => this.#sources.epoch,
        onPlace: (place) => this.#order.stand(place),
        onLooked: () => this.#order.wake(),
        onOver: (over, error) => {
          if (this.#mirrors.get(runId) !== over) return;
          this.#mirrors.delete(runId);
          this.#store.unwatch(runId);
          if (error instanceof PermanentError) this.#refuse(error);
        },
      });
      this.#mirrors.set(runId, mirror);
    }
    return mirror.source(start);
  }

  /** Where nothing is read. */
  #nowhere(log: EventLog): Source {
    if (log instanceof RunLog) this.#sources.runs.forgetIfUnused(log);
    else this.#sources.endGlobal("rejected");
    this.#refuse(closedError());
    const nowhere = new RunLog(log.name, 1);
    nowhere.end("rejected");
    return { log: nowhere, start: startLive(nowhere), join() {}, leave() {} };
  }

  #closeGlobal(how: "closed" | "rejected"): void {
    this.#sources.endGlobal(how);
    this.#feed.close(how);
  }

  /** Ends all readers of all runs, because the store can't be read. */
  #rejectAllRuns(error: unknown): void {
    if (this.#sources.global !== null) this.#refuse(error);
    this.#closeGlobal("rejected");
  }

  #refuse(error: unknown): void {
    this.#reporter.report(asError(error), "subscribe");
  }

  #ready(runId: string): Promise<unknown> | null {
    const mirror = this.#mirrors.get(runId);
    const { opened } = this.#feed;
    const isReady = (mirror === undefined || mirror.isOpen) && opened === null;
    return isReady ? null : Promise.all([mirror?.settled, opened]);
  }

  readonly #onUnreadable = (runId: string, seq: number): void => {
    this.#intake.placeholders++;
    this.#reporter.reportFailure(
      new Error(`What the store holds as event ${seq} of run "${runId}" is none`),
    );
  };
}

/** A rejection that need not be handled: it is reported as well. */
function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
