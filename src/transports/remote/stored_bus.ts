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
import { EventBus } from "../../core/bus/event_bus.ts";
import { type BusSettings, busSettingsOf } from "../../core/bus/event_bus_options.ts";
import { enterPublish, leavePublish, NESTED_TOO_OFTEN } from "../../core/bus/nesting.ts";
import { type ReadAppend, readAppend } from "../../core/bus/read_append.ts";
import type { EventSelector, SelectedEvent } from "../../core/bus/selector.ts";
import { checkRunId } from "../../core/checks.ts";
import { type Captured, copyPayload } from "../../core/copy_payload.ts";
import { checkCount, checkOptions, describe } from "../../core/options.ts";
import { EVENT_TYPE_RULE, isEventType, isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import type { Events } from "../../events/own_events.ts";
import type { EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { Reporter } from "./reporter.ts";
import type { CloseOptions, SharedBus } from "./shared_bus.ts";
import type { Stored } from "./store.ts";
import { drainedWhenStored } from "./waiting.ts";

/** The settings of a {@linkcode StoredBus}, all given. */
export interface StoredBusSettings<E extends object = NoEvents> extends BusSettings {
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
}

/**
 * A bus whose runs are kept elsewhere, as far as it does not matter where.
 *
 * - **Publishing** reads, checks, copies and counts the event, and leaves it to be stored.
 * - **Reading** goes through an ordinary bus of this process.
 */
export abstract class StoredBus<E extends object = NoEvents> implements SharedBus<E> {
  readonly events?: Events<E>;
  readonly content?: boolean;
  readonly maxEventBytes: number;
  /** Serves the readers of this process. */
  protected readonly local: EventBus<E>;
  protected readonly reporter: Reporter;
  protected published = 0;
  protected placeholders = 0;
  protected lost = 0;
  #rejected = 0;

  constructor(settings: StoredBusSettings<E>) {
    this.events = settings.events;
    this.content = settings.content;
    this.maxEventBytes = settings.maxEventBytes;
    this.reporter = new Reporter(settings.onError);
    this.local = new EventBus<E>(busSettingsOf<E>(settings));
  }

  /** Why nothing is taken; null while it is. */
  protected abstract get refusal(): string | null;
  /** Takes an event that was read. */
  protected abstract take(runId: string, type: string, captured: Captured): void;
  /** Stores events after everything that was taken before. */
  protected abstract store(
    runId: string,
    read: ReadAppend,
    signal: AbortSignal | undefined,
  ): Promise<Stored>;
  protected abstract takeOver(runId: string, producerId: string): Promise<number>;
  /** Closes or drops a run, after everything that was taken before. */
  protected abstract command(runId: string, kind: "close" | "drop"): void;
  protected abstract find(selector: unknown, options: HistoryOptions): Promise<StreamEvent[]>;
  /** Resolves when the readers here can take what was taken of the run. */
  protected abstract delivered(runId: string): Promise<unknown>;
  /** Somebody is about to read: from here on, nothing may be missed. */
  protected startReading(): void {}
  /** @param timeoutMs How long to wait at most until what was published is stored. */
  abstract end(timeoutMs: number): Promise<void>;
  abstract runs(): Promise<RunInfo[]>;
  abstract flushed(): Promise<void>;

  publish<T extends string>(draft: EventDraft<T, E>): void {
    this.#accept(() => {
      const { run_id: runId, event_type: type, data } = draft;
      if (isRunId(runId)) this.#send(runId, type, data);
      else this.#reject(`run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
    });
  }

  writer(runId: string): RunWriter {
    checkRunId("Bus.writer()", runId);
    return { write: (type, data) => this.#accept(() => this.#send(runId, type, data)) };
  }

  async append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    const read = readAppend("Bus.append()", runId, drafts, options, this.maxEventBytes);
    const { onFenced, signal } = options;
    const stored = await this.store(runId, read, signal);
    if (typeof stored === "object") {
      dropRejection(onFenced?.(stored.fenced));
      return "fenced";
    }
    if (stored === "stored") {
      this.published += read.events.length;
      for (const { captured } of read.events) this.placeholders += captured.placeholders;
    }
    return stored;
  }

  async claim(runId: string, producerId: string): Promise<number> {
    checkRunId("Bus.claim()", runId);
    checkRunId("Bus.claim()", producerId, "producerId");
    return await this.takeOver(runId, producerId);
  }

  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.startReading();
    return this.local.subscribe<F>(runId, options);
  }

  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>> {
    this.startReading();
    return this.local.subscribeGlobal<F>(options);
  }

  on<const P extends string>(
    selector: EventSelector<P, E>,
    handler: (event: SelectedEvent<P, E>) => unknown,
    options?: OnOptions,
  ): Off {
    this.startReading();
    return this.local.on(selector, handler, options);
  }

  waitFor<const P extends string>(
    selector: EventSelector<P, E>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P, E>> {
    this.startReading();
    return this.local.waitFor(selector, options);
  }

  async history<const P extends string>(
    selector: EventSelector<P, E> = {},
    options: HistoryOptions = {},
  ): Promise<SelectedEvent<P, E>[]> {
    return await this.find(selector, options) as SelectedEvent<P, E>[];
  }

  drained(runId: string, options: DrainedOptions = {}): Promise<void> {
    return drainedWhenStored(this.local, runId, options, () => this.delivered(runId));
  }

  closeStream(runId: string): void {
    this.#command(runId, "close", "Bus.closeStream()");
  }

  dropHistory(runId: string): void {
    this.#command(runId, "drop", "Bus.dropHistory()");
  }

  closeGlobal(): void {
    this.local.closeGlobal();
  }

  /** The counters of this process: what it published, and what it reads. */
  stats(): BusStats {
    const local = this.local.stats();
    return {
      ...local,
      published_events_total: this.published,
      rejected_events_total: this.#rejected,
      placeholders_total: this.placeholders,
      dropped_events_total: local.dropped_events_total + this.lost,
    };
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkOptions("close()", options, ["timeoutMs"]);
    await this.end(checkCount("close()", "timeoutMs", options.timeoutMs ?? 5_000, 0));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Events that were taken found their run closed. */
  protected refuse(runId: string, count: number): void {
    this.published -= count;
    this.#reject(`run "${runId}" is closed`, count);
  }

  /** Events that were taken, or were to be, will not be stored. */
  protected lose(runId: string, count: number, why: string): void {
    this.lost += count;
    this.reporter.reportFailure(new Error(`Lost events of run "${runId}": ${why}`));
  }

  #command(runId: string, kind: "close" | "drop", owner: string): void {
    checkRunId(owner, runId);
    const why = this.refusal;
    if (why === null) return this.command(runId, kind);
    this.reporter.report(new Error(`Cannot ${kind} run "${runId}": ${why}`));
  }

  /** Reads the caller's event; its getters may publish in turn. */
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

  #send(runId: string, type: unknown, data: unknown): void {
    const why = this.refusal;
    if (why !== null) return this.#reject(why);
    if (!isEventType(type)) {
      return this.#reject(`event_type must be ${EVENT_TYPE_RULE}, got ${describe(type)}`);
    }
    const captured = copyPayload(data, this.maxEventBytes);
    this.placeholders += captured.placeholders;
    this.published++;
    this.take(runId, type, captured);
  }

  #reject(reason: string, count = 1): void {
    this.#rejected += count;
    this.reporter.report(new Error(`Cannot publish event: ${reason}`));
  }
}
