import type { EventCatalogue } from "../events/catalogue/mod.ts";
import type { BusGap } from "../events/catalogue/mod.ts";
import type { Envelope, EventDraft, StreamEvent } from "../events/stream_event.ts";
import type { EventSelector, SelectedEvent } from "./selector.ts";
import type { WaitOptions } from "./settle_once.ts";

/** Which events a reader wants: a type (`agent.think`), a prefix (`agent.tool.*`), or several. */
export type EventSelect = string | readonly string[];

/** Options of {@linkcode Bus.subscribe}. */
export interface SubscribeOptions {
  /**
   * Resume after this `event_id`. The reader gets everything that came later, or first a `bus.gap`
   * that says what is missing and why.
   */
  after?: string | null;
  /**
   * Where to start without a cursor: with what the history still holds, or only with what comes.
   *
   * @default {"history"}
   */
  from?: "history" | "live";
  /** Deliver only these types. `bus.gap` is always delivered. */
  select?: EventSelect;
  /** Ends the subscription when aborted. */
  signal?: AbortSignal;
}

/** Options of {@linkcode Bus.subscribeGlobal}. */
export type SubscribeGlobalOptions = Pick<SubscribeOptions, "select" | "signal">;

/**
 * How a subscription came to its end.
 *
 * - `closed`: the run was closed (or the global stream), and every event was delivered or announced.
 * - `evicted`: the bus forgot the run to stay within its bounds; the run itself may go on.
 * - `rejected`: there were too many global subscribers already.
 * - `cancelled`: the reader left, or its signal was aborted.
 */
export type SubscriptionEnd = "closed" | "evicted" | "rejected" | "cancelled";

/**
 * How a resumed subscription started.
 *
 * - `none`: no cursor was given. - `exact`: nothing is missing. - `gap`: some events were no longer
 *   held. - `restarted`: the cursor was not of this log, so delivery starts anew.
 */
export type Recovery = "none" | "exact" | "gap" | "restarted";

/** Options of {@linkcode Subscription.batches}. */
export interface BatchOptions {
  /**
   * How many events a batch holds at most. What is left stays in the log, where it counts as pending,
   * until the next batch is asked for.
   *
   * @default {Infinity}
   */
  maxEvents?: number;
}

/**
 * A reader's end of a run: a web `ReadableStream` of events that can also be iterated.
 *
 * `for await` and {@linkcode Subscription.batches} read the log directly and are faster than the
 * stream's own reader. As with any stream, there is one reader at a time.
 */
export interface Subscription<T = StreamEvent> extends ReadableStream<T> {
  /** The run that is read; `*` if it is all of them. */
  readonly runId: string;
  /** How the subscription ended, or null while it has not. */
  readonly ended: SubscriptionEnd | null;
  /**
   * Resolves when `recovery` and `cursor` say how it started; undefined where they do at once, as in process.
   * Rejects if the bus cannot be reached; the subscription goes on trying.
   */
  readonly opened?: Promise<void>;
  /** How it started. */
  readonly recovery: Recovery;
  /** The `event_id` to resume after: of the last event that was taken, or where it started. */
  readonly cursor: string;
  /** Everything that is pending, at once; waits while nothing is. At least one event each. */
  batches(options?: BatchOptions): AsyncIterableIterator<readonly T[]>;
  /** The next event at a time, until the end. Leaving the loop cancels the subscription. */
  [Symbol.asyncIterator](options?: ReadableStreamIteratorOptions): ReadableStreamAsyncIterator<T>;
}

/** Options of {@linkcode Bus.on}. */
export interface OnOptions {
  /** Only this run. @default {all runs, or the one that the selector names} */
  run?: string;
  /** How many calls of the handler may be unfinished at a time. @default {10} */
  concurrency?: number;
  /** Begin with what the history of the run holds, or with what comes. @default {"live"} */
  from?: "history" | "live";
  /** Takes the handler away when aborted. */
  signal?: AbortSignal;
  /** Told of events that were skipped because the handler was too slow. @default {the bus's `onError`} */
  onGap?: (gap: Envelope<"bus.gap", BusGap>) => void;
}

/** Takes a handler away, once called or disposed of. */
export interface Off extends Disposable {
  (): void;
}

/** Options of {@linkcode Bus.waitFor}. */
export type WaitForOptions = WaitOptions;

/** Options of {@linkcode Bus.drained}. */
export type DrainedOptions = WaitOptions;

/** Options of {@linkcode Bus.history}. */
export interface HistoryOptions {
  /** How many events at most. @default {100} */
  limit?: number;
}

/** Publishes to one run: what a run context holds, so that emitting needs no lookup. */
export interface RunWriter {
  /** Publishes; never throws, never waits. */
  write(eventType: string, data: unknown): void;
}

/** A run that a bus holds something of. */
export interface RunInfo {
  /** The run. */
  run_id: string;
  /** Whether it was closed: nothing will follow. */
  closed: boolean;
  /** The `event_id` of its newest event; of the place before the first if there was none. */
  cursor: string;
}

/** Counters of a bus. Cheap to read, and approximate while events are being published. */
export interface BusStats {
  /** Runs that somebody reads. */
  active_runs: number;
  /** Readers of all runs. */
  global_subscribers: number;
  /** Runs whose history is held. */
  history_runs: number;
  /** Events that a reader did not get because it lagged, over all readers. */
  dropped_events_total: number;
  /** How many events each reader of a run has not taken yet. */
  queue_depths: Record<string, number[]>;
  /** Events accepted since the bus was made. */
  published_events_total: number;
  /** Events refused: bad run id or type, or the run was closed. */
  rejected_events_total: number;
  /** Values in payloads that could not be serialised, or were too large, and were replaced. */
  placeholders_total: number;
  /** Runs forgotten to stay within the bounds. */
  evicted_runs_total: number;
  /** Estimated size of all payloads that are held, in bytes. */
  retained_bytes: number;
}

/**
 * What every bus does, in process or over a network. Publishing never throws and never waits;
 * everything about a run is keyed by its id.
 */
export interface Bus {
  /** Stores an event and tells the readers. */
  publish<T extends string>(draft: EventDraft<T>): void;
  /** Publishes to one run without naming it each time. */
  writer(runId: string): RunWriter;
  /** Reads one run: first its history, then live, until the run is closed. */
  subscribe<E extends object = EventCatalogue>(
    runId: string,
    options?: SubscribeOptions,
  ): Subscription<StreamEvent<E>>;
  /** Reads every run, live only. */
  subscribeGlobal<E extends object = EventCatalogue>(
    options?: SubscribeGlobalOptions,
  ): Subscription<StreamEvent<E>>;
  /** Calls a handler with the events that are selected, live. */
  on<const P extends string>(
    selector: EventSelector<P>,
    handler: (event: SelectedEvent<P>) => unknown,
    options?: OnOptions,
  ): Off;
  /** Waits for the next event that is selected. */
  waitFor<const P extends string>(
    selector: EventSelector<P>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P>>;
  /** The events that are held and selected, newest first; a promise of them where they are elsewhere. */
  history<const P extends string>(
    selector?: EventSelector<P>,
    options?: HistoryOptions,
  ): SelectedEvent<P>[] | Promise<SelectedEvent<P>[]>;
  /** The runs whose history is held, in no order; a promise of them where they are elsewhere. */
  runs(): RunInfo[] | Promise<RunInfo[]>;
  /** Resolves when the readers of a run have taken everything that was published. */
  drained(runId: string, options?: DrainedOptions): Promise<void>;
  /** Ends the run: its readers finish after its last event. Its history stays. */
  closeStream(runId: string): void;
  /** Forgets a run's history and that it was closed. */
  dropHistory(runId: string): void;
  /** Ends every global subscription. */
  closeGlobal(): void;
  /** Counters, as of now. */
  stats(): BusStats;
}
