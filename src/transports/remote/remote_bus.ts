import type {
  HistoryOptions,
  RunInfo,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
} from "../../core/bus/bus.ts";
import { sourcesOf } from "../../core/bus/event_bus.ts";
import type { ReadAppend } from "../../core/bus/read_append.ts";
import type { Source, Sources } from "../../core/bus/sources.ts";
import type { Captured } from "../../core/copy_payload.ts";
import type { EventLog } from "../../core/log/event_log.ts";
import { type ReaderStart, startLive } from "../../core/log/reader_start.ts";
import { RunLog } from "../../core/log/run_log.ts";
import type { NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { AllRunsFeed } from "./all_runs_feed.ts";
import { MirrorLog } from "./mirror_log.ts";
import { OrderLog } from "./order_log.ts";
import { Outbox } from "./outbox.ts";
import { PermanentError } from "./permanent_error.ts";
import { asError } from "./reporter.ts";
import { RunMirror } from "./run_mirror.ts";
import { RunOrder } from "./run_order.ts";
import type { OutgoingEvent, Store, Stored } from "./store.ts";
import { StoredBus, type StoredBusSettings } from "./stored_bus.ts";
import { storedHistory, storedRuns } from "./stored_runs.ts";
import { closedError, within } from "./waiting.ts";

/**
 * A bus whose runs are kept by a {@linkcode Store} that several processes share.
 *
 * - **Publishing** leaves the event in an outbox and returns. The store gives it its number.
 * - **Reading** goes through the ordinary bus of this process: a run that is read here is mirrored into one of its
 *   logs, once for all who read it.
 */
export class RemoteBus<E extends object = NoEvents> extends StoredBus<E> {
  readonly #store: Store;
  readonly #sources: Sources;
  readonly #order: RunOrder;
  readonly #historyPerRun: number;
  readonly #outbox: Outbox;
  readonly #feed: AllRunsFeed;
  readonly #mirrors: Map<string, RunMirror> = new Map();
  #isClosed = false;

  constructor(store: Store, settings: StoredBusSettings<E>) {
    super(settings);
    this.#store = store;
    const { reporter } = this;
    const { maxEventBytes, maxRunsRetained: maxRuns } = settings;
    this.#sources = sourcesOf(this.local);
    this.#sources.runs.createLog = (runId, limit) => new MirrorLog(runId, limit);
    // What is forgotten here is still in the store.
    this.#sources.runs.forgotten = null;
    this.#order = new RunOrder(this.#sources, this.#mirrors);
    this.#sources.createGlobal = (options) => new OrderLog(options, store.orderStep);
    this.#sources.wrapRun = (source, start) => this.#mirrored(source, start);
    this.#sources.wrapAllRuns = (source, after) =>
      this.#isClosed ? this.#nowhere(source.log) : this.#feed.source(source, after);
    this.#historyPerRun = settings.historyPerRun;
    this.#outbox = new Outbox(store, {
      maxPendingEvents: settings.maxPendingEvents,
      // As `copyPayload()` estimates.
      maxPendingChars: Math.ceil(settings.maxPendingBytes / 2),
      ready: (runId) => this.#ready(runId),
      onLost: (runId, count, why) => this.lose(runId, count, why),
      onRefused: (runId, count) => this.refuse(runId, count),
      onFailure: reporter.reportFailure,
    });
    this.#feed = new AllRunsFeed({
      store,
      maxEventBytes,
      maxRuns,
      global: () => this.#sources.global,
      onUnreadable: this.#onUnreadable,
      onFailure: reporter.reportFailure,
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
        this.reporter.reportFailure(error);
        if (!(error instanceof PermanentError)) return;
        for (const mirror of [...this.#mirrors.values()]) mirror.end("rejected", error);
        this.#rejectAllRuns(error);
      },
    });
  }

  protected override get refusal(): string | null {
    return this.#isClosed ? "the bus was closed" : null;
  }

  protected override take(runId: string, type: string, captured: Captured): void {
    this.#outbox.add(runId, toOutgoing(type, captured));
  }

  protected override async store(
    runId: string,
    { events, producer }: ReadAppend,
    signal: AbortSignal | undefined,
  ): Promise<Stored> {
    if (this.#isClosed) throw closedError();
    const outgoing = events.map(({ eventType, captured }) => toOutgoing(eventType, captured));
    return await this.#outbox.append(runId, outgoing, producer, signal);
  }

  protected override async takeOver(runId: string, producerId: string): Promise<number> {
    if (this.#isClosed) throw closedError();
    return await this.#outbox.claim(runId, producerId);
  }

  /**
   * Reads one run, or several as one, in the order in which the store took their events: see {@linkcode Bus.subscribe}.
   * A run that began after the position starts with a `bus.gap` (`new_epoch`), because it may have been another one before.
   */
  override subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    const subscription = super.subscribe<F>(runId, options);
    if (this.#isClosed) return Object.assign(subscription, { opened: rejected(closedError()) });
    const runIds = subscription.runs?.map(({ runId }) => runId) ?? [subscription.runId];
    const opened = Promise.all(runIds.map((runId) => this.#mirrors.get(runId)?.placed))
      .then(() => {});
    // Those who do not ask are told by the reports.
    opened.catch(() => {});
    return Object.assign(subscription, { opened });
  }

  override subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    const subscription = super.subscribeGlobal<F>(options);
    const opened = this.#isClosed ? rejected(closedError()) : this.#feed.placed;
    return Object.assign(subscription, { opened });
  }

  /** Without a run in the selector, all runs are read. */
  protected override find(selector: unknown, options: HistoryOptions): Promise<StreamEvent[]> {
    const { maxEventBytes } = this;
    const bounds = { historyPerRun: this.#historyPerRun, maxEventBytes };
    return storedHistory(this.#store, bounds, selector, options);
  }

  override runs(): Promise<RunInfo[]> {
    return storedRuns(this.#store, this.maxEventBytes);
  }

  protected override async delivered(runId: string): Promise<void> {
    await this.#outbox.flushed(runId);
    await this.#mirrors.get(runId)?.caughtUp();
  }

  protected override command(runId: string, kind: "close" | "drop"): void {
    this.#outbox.command(runId, kind);
  }

  override closeGlobal(): void {
    this.#closeGlobal("closed");
  }

  override flushed(): Promise<void> {
    return this.#outbox.flushed(null);
  }

  override async end(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.flushed());
    this.#isClosed = true;
    this.#outbox.end();
    this.closeGlobal();
    for (const mirror of [...this.#mirrors.values()]) mirror.end("evicted", closedError());
    await this.#store.end();
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
        maxEventBytes: this.maxEventBytes,
        onUnreadable: this.#onUnreadable,
        onFailure: this.reporter.reportFailure,
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
    this.reporter.report(asError(error), { stage: "subscribe" });
  }

  #ready(runId: string): Promise<unknown> | null {
    const mirror = this.#mirrors.get(runId);
    const { opened } = this.#feed;
    const isReady = (mirror === undefined || mirror.isOpen) && opened === null;
    return isReady ? null : Promise.all([mirror?.settled, opened]);
  }

  readonly #onUnreadable = (runId: string, seq: number): void => {
    this.placeholders++;
    this.reporter.reportFailure(
      new Error(`What the store holds as event ${seq} of run "${runId}" is none`),
    );
  };
}

function toOutgoing(type: string, { data }: Captured): OutgoingEvent {
  return { type, time: Date.now(), data: JSON.stringify(data) };
}

/** A rejection that need not be handled: it is reported as well. */
function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
