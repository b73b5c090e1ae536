import type {
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
} from "../../core/bus.ts";
import { capture } from "../../core/capture.ts";
import { checkRunId } from "../../core/checks.ts";
import { EventBus, type Innards, innards, type Source } from "../../core/event_bus.ts";
import { newestEntries } from "../../core/newest_entries.ts";
import { checkCount, checkOptions, describe } from "../../core/options.ts";
import type { ReaderStart } from "../../core/reader_start.ts";
import { RunLog } from "../../core/run_log.ts";
import { compileSelector, type EventSelector, type SelectedEvent } from "../../core/selector.ts";
import type { EventCatalogue } from "../../events/catalogue/mod.ts";
import {
  EVENT_TYPE_RULE,
  formatEventId,
  isEventType,
  isRunId,
  RUN_ID_RULE,
} from "../../events/identifiers.ts";
import type { EventDraft, StreamEvent } from "../../events/stream_event.ts";
import { AllRunsFeed } from "./all_runs_feed.ts";
import { Outbox } from "./outbox.ts";
import type { RemoteBusSettings } from "./remote_bus_options.ts";
import { Reporter } from "./reporter.ts";
import { RunMirror } from "./run_mirror.ts";
import type { CloseOptions, SharedBus } from "./shared_bus.ts";
import type { Page, Store } from "./store.ts";
import { toEntry } from "./stored_entry.ts";

/**
 * A bus whose runs are kept by a {@linkcode Store} that several processes share.
 *
 * - **Publishing** leaves the event in an outbox and returns. The store gives it its number.
 * - **Reading** goes through the ordinary bus of this process: a run that is read here is mirrored into one of its
 *   logs, once for all who read it.
 */
export class RemoteBus implements SharedBus {
  readonly #store: Store;
  readonly #settings: RemoteBusSettings;
  // Serves the readers of this process.
  readonly #local: EventBus;
  readonly #innards: Innards;
  readonly #outbox: Outbox;
  readonly #feed: AllRunsFeed;
  readonly #mirrors: Map<string, RunMirror> = new Map();
  readonly #reporter: Reporter;
  #published = 0;
  #rejected = 0;
  #placeholders = 0;
  #lost = 0;

  constructor(store: Store, settings: RemoteBusSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#reporter = new Reporter(settings.onError);
    const { maxPendingEvents, maxPendingBytes, ...bounds } = settings;
    this.#local = new EventBus(bounds);
    this.#innards = innards(this.#local);
    this.#innards.decorate((source, start) => this.#mirrored(source, start));
    this.#outbox = new Outbox(store, {
      maxPendingEvents,
      // As `capture()` estimates.
      maxPendingChars: Math.ceil(maxPendingBytes / 2),
      ready: (runId) => this.#ready(runId),
      onLost: (runId, count) => {
        this.#lost += count;
        this.#reporter.reportFailure(
          new Error(`Lost events of run "${runId}": too many wait for the store`),
        );
      },
      onRefused: (runId, count) => {
        this.#published -= count;
        this.#reject(`run "${runId}" is closed`, count);
      },
      onFailure: this.#reporter.reportFailure,
    });
    const { maxEventBytes, maxRunsRetained: maxRuns } = settings;
    this.#feed = new AllRunsFeed({
      store,
      maxEventBytes,
      maxRuns,
      global: () => this.#innards.global(),
      onPoison: this.#onPoison,
      onFailure: this.#reporter.reportFailure,
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
      failed: this.#reporter.reportFailure,
    });
  }

  publish<T extends string>(draft: EventDraft<T>): void {
    try {
      const { run_id: runId, event_type: eventType, data } = draft;
      if (!isRunId(runId)) {
        return this.#reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
      }
      this.#send(runId, eventType, data);
    } catch (error) {
      this.#reject(`the event cannot be read: ${describe(error)}`);
    }
  }

  writer(runId: string): RunWriter {
    checkRunId("Bus.writer()", runId);
    return { write: (eventType, data) => this.#send(runId, eventType, data) };
  }

  subscribe<E extends object = EventCatalogue>(
    runId: string,
    options?: SubscribeOptions,
  ): Subscription<StreamEvent<E>> {
    const subscription = this.#local.subscribe<E>(runId, options);
    const opened = this.#mirrors.get(runId)?.opened;
    return opened === undefined ? subscription : Object.assign(subscription, { opened });
  }

  subscribeGlobal<E extends object = EventCatalogue>(
    options?: SubscribeGlobalOptions,
  ): Subscription<StreamEvent<E>> {
    const subscription = this.#local.subscribeGlobal<E>(options);
    return Object.assign(subscription, { opened: this.#openFeed() });
  }

  on<const P extends string>(
    selector: EventSelector<P>,
    handler: (event: SelectedEvent<P>) => unknown,
    options?: OnOptions,
  ): Off {
    const off = this.#local.on(selector, handler, options);
    this.#openFeed();
    return off;
  }

  waitFor<const P extends string>(
    selector: EventSelector<P>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P>> {
    const waiting = this.#local.waitFor(selector, options);
    this.#openFeed();
    return waiting;
  }

  /** The events that the store holds and that are selected, newest first. Without a run in the selector, all runs are read. */
  async history<const P extends string>(
    selector: EventSelector<P> = {},
    options: HistoryOptions = {},
  ): Promise<SelectedEvent<P>[]> {
    const owner = "Bus.history()";
    checkOptions(owner, options, ["limit"]);
    const { limit = 100 } = options;
    checkCount(owner, "limit", limit, 0);
    const { run, matches } = compileSelector(owner, selector);
    const runIds = run === undefined ? (await this.#store.runs()).map(({ runId }) => runId) : [run];
    const logs: RunLog[] = [];
    for (const runId of runIds) {
      const page = await this.#store.read(runId, 0);
      if (page !== null) logs.push(this.#logOf(runId, page));
    }
    return newestEntries(logs, matches, limit).map(({ event }) => event as SelectedEvent<P>);
  }

  async runs(): Promise<RunInfo[]> {
    const runs = await this.#store.runs();
    return runs.map(({ runId, epoch, head, closed }) => ({
      run_id: runId,
      closed,
      cursor: formatEventId(epoch, head),
    }));
  }

  async drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    checkRunId("Bus.drained()", runId);
    const start = performance.now();
    // Checks the options, and gives up when they say so.
    const draining = this.#local.drained(runId, options);
    draining.catch(() => {});
    await Promise.race([this.#outbox.flushed(runId), rejectionOf(draining)]);
    await this.#mirrors.get(runId)?.caughtUp();
    const { timeoutMs, signal } = options;
    const left = timeoutMs === undefined
      ? undefined
      : Math.max(0, timeoutMs - (performance.now() - start));
    return this.#local.drained(runId, { timeoutMs: left, signal });
  }

  closeStream(runId: string): void {
    checkRunId("Bus.closeStream()", runId);
    this.#outbox.command(runId, "close");
  }

  dropHistory(runId: string): void {
    checkRunId("Bus.dropHistory()", runId);
    this.#outbox.command(runId, "drop");
  }

  closeGlobal(): void {
    this.#local.closeGlobal();
    this.#feed.close();
  }

  /** The counters of this process: what it published, and what it reads. */
  stats(): BusStats {
    const local = this.#local.stats();
    return {
      ...local,
      published_events_total: this.#published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.#placeholders,
      dropped_events_total: local.dropped_events_total + this.#lost,
    };
  }

  flushed(): Promise<void> {
    return this.#outbox.flushed(null);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions("close()", options, ["timeoutMs"]);
    const { timeoutMs = 5_000 } = options;
    await this.end(checkCount("close()", "timeoutMs", timeoutMs, 0));
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
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.flushed(), enough]);
    clearTimeout(timer);
    this.#outbox.end();
    this.closeGlobal();
    for (const mirror of this.#mirrors.values()) mirror.end();
    await this.#store.end();
  }

  #send(runId: string, eventType: unknown, data: unknown): void {
    if (!isEventType(eventType)) {
      return this.#reject(`event_type must be ${EVENT_TYPE_RULE}, got ${describe(eventType)}`);
    }
    const captured = capture(data, this.#settings.maxEventBytes);
    this.#placeholders += captured.placeholders;
    this.#published++;
    this.#outbox.add(runId, {
      type: eventType,
      time: Date.now(),
      data: JSON.stringify(captured.data),
    });
  }

  /** Where the readers of a run read: from the run's mirror. */
  #mirrored(source: Source<RunLog>, start: (log: RunLog) => ReaderStart): Source {
    const runId = source.log.name;
    let mirror = this.#mirrors.get(runId);
    if (mirror === undefined) {
      mirror = new RunMirror(runId, source.log, {
        store: this.#store,
        runs: this.#innards.runs,
        maxEventBytes: this.#settings.maxEventBytes,
        onPoison: this.#onPoison,
        onFailure: this.#reporter.reportFailure,
        onUnused: (unused) => {
          if (this.#mirrors.get(runId) === unused) this.#mirrors.delete(runId);
        },
      });
      this.#mirrors.set(runId, mirror);
    }
    const { log } = mirror;
    return {
      log,
      start: mirror.startOf(start),
      join: (reader) => mirror.join(reader, start),
      leave: (reader) => mirror.leave(reader),
    };
  }

  #openFeed(): Promise<void> | undefined {
    return this.#innards.global() === null ? undefined : this.#feed.open();
  }

  #ready(runId: string): Promise<unknown> | null {
    const mirror = this.#mirrors.get(runId);
    const isReady = (mirror === undefined || mirror.isOpen) && this.#feed.isReady;
    return isReady ? null : Promise.all([mirror?.settled, this.#feed.opened]);
  }

  #logOf(runId: string, page: Page): RunLog {
    const log = new RunLog(runId, this.#settings.historyPerRun);
    log.epoch = page.epoch;
    for (const event of page.events) {
      const entry = toEntry(log, event, this.#settings.maxEventBytes);
      if (entry !== null) log.append(entry);
    }
    return log;
  }

  readonly #onPoison = (runId: string, seq: number): void => {
    this.#placeholders++;
    this.#reporter.reportFailure(
      new Error(`What the store holds as event ${seq} of run "${runId}" is none`),
    );
  };

  #reject(reason: string, count = 1): void {
    this.#rejected += count;
    this.#reporter.report(new Error(`Cannot publish event: ${reason}`));
  }
}

/** Rejects with the promise, and never resolves. */
function rejectionOf(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void promise.catch(reject));
}
