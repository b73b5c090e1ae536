import type { BusGap } from "../../events/catalogue/bus.ts";
import type { RunCompleted, RunStarted } from "../../events/catalogue/run.ts";
import type { Events } from "../../events/own_events.ts";
import type { RunState } from "../../events/run_state.ts";
import type { Envelope, EventDraft, NoEvents, StreamEvent } from "../../events/stream_event.ts";
import type { EventSelect } from "./select.ts";
import type { EventSelector, SelectedEvent } from "./selector.ts";
import type { WaitOptions } from "../settle_once.ts";
import type { SubscriptionEnd } from "../log/subscription_end.ts";

import type {
  StartFrom,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
} from "./subscription.ts";

export type { EventSelect, SubscriptionEnd };
export type {
  BatchOptions,
  Recovery,
  RunReading,
  StartFrom,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
} from "./subscription.ts";

/** Options of {@linkcode Bus.on}. */
export interface OnOptions {
  /** Only this run. @default {all runs, or the one that the selector names} */
  run?: string;
  /** How many calls of the handler may be unfinished at a time. @default {10} */
  concurrency?: number;
  /** Where to begin; anything but `live` needs a run. @default {"live"} */
  from?: StartFrom;
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
  /**
   * Its first `run.started`, which says its name and tags, kept as long as the run; large values of one that is over 16
   * KiB are replaced by previews. Left out if there was none.
   */
  started?: Envelope<"run.started", RunStarted>;
  /** Its last `run.completed`, kept likewise. A later `run.started` may have resumed the run. */
  completed?: Envelope<"run.completed", RunCompleted>;
}

/** Counters of a bus. Cheap to read, and approximate while events are being published. */
export interface BusStats {
  /** Runs with at least one reader. */
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
 * everything about a run is keyed by its id. `E` are event types of your own, beside the catalogue.
 */
export interface Bus<E extends object = NoEvents> {
  /** The event types that this bus was made for, beside the catalogue; they type it. */
  readonly events?: Events<E>;
  /** Whether its runs publish content, where they do not say; undefined to go by the process. */
  readonly content?: boolean;
  /** Size of one payload at most, in bytes as estimated; what publishes long texts cuts them itself. */
  readonly maxEventBytes?: number;
  /** Stores an event and tells the readers. */
  publish<T extends string>(draft: EventDraft<T, E>): void;
  /** Publishes to one run without naming it each time. */
  writer(runId: string): RunWriter;
  /** Reads one run, or several: first the history, then live, until the run, or the last of them, is closed. */
  subscribe<F extends object = NoEvents>(
    runId: string | readonly string[],
    options?: SubscribeOptions<F>,
  ): Subscription<StreamEvent<E & F>>;
  /** Reads every run, live, or from a position on that it had come to before. */
  subscribeGlobal<F extends object = NoEvents>(
    options?: SubscribeGlobalOptions<F>,
  ): Subscription<StreamEvent<E & F>>;
  /** Calls a handler with the events that are selected, live. */
  on<const P extends string>(
    selector: EventSelector<P, E>,
    handler: (event: SelectedEvent<P, E>) => unknown,
    options?: OnOptions,
  ): Off;
  /** Waits for the next event that is selected. */
  waitFor<const P extends string>(
    selector: EventSelector<P, E>,
    options?: WaitForOptions,
  ): Promise<SelectedEvent<P, E>>;
  /** The events that are held and selected, newest first. Await it: only a bus in process has them at once. */
  history<const P extends string>(
    selector?: EventSelector<P, E>,
    options?: HistoryOptions,
  ): PromiseLike<SelectedEvent<P, E>[]>;
  /** The runs whose history is held, in no order. Await it: only a bus in process has them at once. */
  runs(): PromiseLike<RunInfo[]>;
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

/** Who stores something with {@linkcode AppendingBus.append}, and which of its requests that is. */
export interface Producer {
  /** Its name, as a run id may be: one for each process, or for each thing that one process at a time does. */
  id: string;
  /** Which holder of that name this is: a higher one takes over from the lower ones. @default {0} */
  epoch?: number;
  /** The number of the request: higher than those before in this epoch and run, and the same when it is repeated. */
  seq: number;
}

/** Options of {@linkcode AppendingBus.append}. */
export interface AppendOptions {
  /** Who stores it. Without one, a call that is repeated stores its events again. */
  producer?: Producer;
  /** Told the newest epoch of the producer, before the call resolves with `fenced`. */
  onFenced?: (epoch: number) => void;
  /** Gives up when aborted. What was on its way to a server may be stored all the same. */
  signal?: AbortSignal;
}

/**
 * What became of a call of {@linkcode AppendingBus.append}.
 *
 * - `stored`: all of it. - `duplicate`: it was stored before; also by an attempt of this call whose answer was lost.
 * - `fenced`: nothing was stored, because a newer epoch of the producer is known. - `closed`: nothing, because the run
 *   is closed.
 */
export type Appended = "stored" | "duplicate" | "fenced" | "closed";

/** A bus that tells when something is stored, and stores what is repeated only once. The buses of Locus do. */
export interface AppendingBus<E extends object = NoEvents> extends Bus<E> {
  /**
   * Stores events of one run, all or none, and resolves when they are stored.
   *
   * - **Producer:** in each run, an `epoch` that is lower than the newest is `fenced`; in the same epoch, a `seq` that is
   *   not higher than the newest is a `duplicate`. Numbers may be left out. The last 40 producers of a run are
   *   remembered, as long as the run is.
   * - **Order:** after everything that was published to the run through this bus before.
   *
   * @returns What became of it. Rejects if it could not be stored: call it again with the same producer.
   * @throws {TypeError} If the run, an event or an option is not valid, as a rejection.
   * @throws {RangeError} If `epoch` or `seq` is not a whole number of at least 0, as a rejection.
   */
  append<T extends string>(
    runId: string,
    drafts: readonly EventDraft<T, E>[],
    options?: AppendOptions,
  ): Promise<Appended>;
  /**
   * Takes over this producer's name in the run from its earlier holder: resolves with the next epoch, and every append with
   * an older one is `fenced` from now on. The numbers of the new epoch may begin at 0.
   *
   * - **What others publish** without a producer is not fenced.
   * - **The first** claim of a name is 1, as those who never claimed have 0.
   *
   * @throws {TypeError} If `runId` or `producerId` is not valid, as a rejection.
   */
  claim(runId: string, producerId: string): Promise<number>;
}

/** Which runs {@linkcode ArchiveBus.findRuns} finds: all that is given must hold. */
export interface FindRunsOptions {
  /** Words that must all occur in the texts of one of its events; the last one may be the beginning of a word. */
  search?: string;
  /** What its id begins with. */
  prefix?: string;
  /** Whether it is closed. */
  closed?: boolean;
  /** How it stands. */
  state?: FoundRun["state"];
  /** What its `run.started` is tagged with: all of these. */
  tags?: Readonly<Record<string, string>>;
  /** What the name of a model begins with whose tokens it used (`agent.tokens.used`). */
  model?: string;
  /** Something happened to it at this time or later: ISO 8601. */
  since?: string;
  /** It began before this time. With `since`: it was there in between. */
  until?: string;
  /** How many runs at most. @default {100} */
  limit?: number;
  /** Goes on behind another page: its {@linkcode FoundRuns.next}. */
  before?: string | null;
}

/** A run of an archive. */
export interface FoundRun extends RunInfo {
  /** When its first event was stored, as ISO 8601 in UTC. */
  created_at: string;
  /** When something happened to it last. */
  updated_at: string;
  /** How many events of it are kept. */
  events: number;
  /**
   * How it stands, by its events; `interrupted`: by these it is running, but the process that wrote to it last has closed the
   * bus, or is gone.
   */
  state: RunState | "interrupted";
  /** Of a search: the newest event in which all words occur. */
  match?: StreamEvent;
}

/** A page of runs. */
export interface FoundRuns {
  /** The run that changed last first; of a search, the one with the newest match. */
  runs: FoundRun[];
  /** Where the next page begins; null if this is the last one. */
  next: string | null;
}

/** A bus that keeps so many runs that they are looked for, a page at a time. */
export interface ArchiveBus<E extends object = NoEvents> extends AppendingBus<E> {
  /** Whether {@linkcode findRuns} searches for words. */
  readonly canSearch: boolean;
  /**
   * A page of the runs that are held.
   *
   * @throws {TypeError} If an option is not valid, as a rejection.
   * @throws {RangeError} If `limit` is not a whole number from 1 to 1,000, as a rejection.
   * @throws {Error} If the bus was not made for searching, as a rejection.
   */
  findRuns(options?: FindRunsOptions): Promise<FoundRuns>;
  /**
   * A run as it is now, from its oldest event on, and with its end if it is closed: to be kept as lines of JSON, as `locus record` writes them, or for
   * {@linkcode importRuns}. Of a run that the bus has not got there is nothing.
   *
   * @throws {TypeError} If `runId` cannot name a run.
   */
  exportRun(runId: string): AsyncIterable<StreamEvent>;
  /**
   * Stores recorded runs under their ids and the times of their events, each in a new epoch. Gaps of the recording stay.
   * The events of each run must be in their order; those of several may be mixed.
   *
   * - **A run that the bus has already** stays as it is: its events are skipped. So are values that are no events.
   * - **The runs are open** afterwards, unless the recording has their end.
   * - **If it breaks off**, it rejects with the reason, and what it stored of runs whose end had not come is dropped; where its
   *   process is killed, by the next one that opens the archive.
   */
  importRuns(events: Iterable<unknown> | AsyncIterable<unknown>): Promise<ImportedRuns>;
}

/** What became of the events that were given to {@linkcode ArchiveBus.importRuns}. */
export interface ImportedRuns {
  /** How many events of each run are stored. */
  imported: Record<string, number>;
  /** How many events of each run were skipped, because the bus had the run. */
  skipped: Record<string, number>;
  /** How many values were skipped because they are no events. */
  invalid: number;
  /** How many events of further runs were stored or skipped, where there are more than 1,000, which are not named. */
  more?: { imported: number; skipped: number };
}

/** Any bus, whatever its event types: what takes a bus and does not care for them. */
// A bus of other events is not a bus of these: `any` says that the difference does not matter here.
// deno-lint-ignore no-explicit-any
export type AnyBus = Bus<any>;
