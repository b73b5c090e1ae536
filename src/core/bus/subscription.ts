import type { Events } from "../../events/own_events.ts";
import type { NoEvents, StreamEvent } from "../../events/stream_event.ts";
import type { EventIterator, IterateOptions } from "../log/event_iterator.ts";
import type { SubscriptionEnd } from "../log/subscription_end.ts";
import type { EventSelect } from "./select.ts";

/**
 * Where a reader without a cursor starts: with what the history still holds, with what comes (`live`), or, as `-n`, with
 * the last `n` events. Of these, a `bus.gap` says what is missing only if the run had more than are held, and fewer
 * than `n` are.
 */
export type StartFrom = "history" | "live" | number;

/** Options of `Bus.subscribe()`. */
export interface SubscribeOptions<E extends object = NoEvents> {
  /**
   * Resume after this `event_id`; of several runs, after this position. The reader gets everything that came later, or first a `bus.gap`
   * that says what is missing and why.
   */
  after?: string | null;
  /** Where to start without a cursor. @default {"history"} */
  from?: StartFrom;
  /**
   * Of several runs, with `after`: those that are read for the first time. They start as without `after`; the others go
   * on after the position.
   */
  joining?: readonly string[];
  /** Deliver only these types. `bus.gap` is always delivered. */
  select?: EventSelect;
  /** Ends the subscription when aborted. */
  signal?: AbortSignal;
  /** Event types of your own: the events are typed by them. They check nothing at run time. */
  events?: Events<E>;
}

/** Options of `Bus.subscribeGlobal()`. */
export interface SubscribeGlobalOptions<E extends object = NoEvents>
  extends Pick<SubscribeOptions<E>, "select" | "signal" | "events"> {
  /**
   * Resume after this position: a {@linkcode Subscription.cursor} of another subscription to all runs. The reader gets
   * everything that came later, or first a `bus.gap` of the run `*` that says how many events are missing and why.
   *
   * @default {null: with what comes}
   */
  after?: string | null;
}

/**
 * How a resumed subscription started.
 *
 * - `none`: no cursor was given. - `exact`: nothing is missing. - `gap`: some events were no longer
 *   held. - `restarted`: the cursor was not of this log, so delivery starts from the beginning.
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

/** One of the runs that a subscription to several reads. */
export interface RunReading {
  /** The run. */
  readonly runId: string;
  /** How reading it ended, or null while it has not. */
  readonly ended: SubscriptionEnd | null;
  /** The `event_id` of its last event that was taken, or where it started. */
  readonly cursor: string;
}

/**
 * A reader's end of a run: a web `ReadableStream` of events that can also be iterated.
 *
 * `for await` and {@linkcode Subscription.batches} read the log directly and are faster than the
 * stream's own reader. As with any stream, there is one reader at a time.
 */
export interface Subscription<T = StreamEvent> extends ReadableStream<T> {
  /** The run that is read; `*` if it is all of them, or several. */
  readonly runId: string;
  /** The runs that are read, if they are several: as they are now. */
  readonly runs?: readonly RunReading[];
  /** How the subscription ended, or null while it has not. */
  readonly ended: SubscriptionEnd | null;
  /**
   * Resolves when `recovery` and `cursor` say how it started; undefined where they do at once, as in process.
   * Rejects if the bus cannot be reached; the subscription goes on trying.
   */
  readonly opened?: Promise<void>;
  /** How it started. */
  readonly recovery: Recovery;
  /**
   * Where to resume: as `after` of another subscription. For one run it is the `event_id` of the last event that was
   * taken, or where it started; for all or several runs, the position of that event in the order of the bus.
   */
  readonly cursor: string;
  /**
   * Of all or several runs: the {@linkcode cursor} after each event of the last batch, until the next one is asked
   * for. For one run it is the event's `event_id`.
   */
  readonly cursors?: readonly string[];
  /**
   * Resolves when everything that was there at the opening has been taken or announced as missing, or the reader is
   * over. Never rejects. Over a network, what was there is what the store holds when {@linkcode opened} resolves.
   */
  readonly caughtUp: Promise<void>;
  /** Everything that is pending, at once; waits while nothing is. At least one event each. */
  batches(options?: BatchOptions): EventIterator<readonly T[]>;
  /** The next event at a time, until the end. Leaving the loop cancels the subscription. */
  [Symbol.asyncIterator](options?: IterateOptions): EventIterator<T>;
  /** The same iterator, by name. */
  values(options?: IterateOptions): EventIterator<T>;
}
