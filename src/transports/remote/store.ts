/**
 * What a bus needs of the engine that keeps its runs: a store that numbers the events of each run, keeps the
 * last of them, and tells who watches that something happened.
 */
import type { Producer } from "../../core/bus/bus.ts";

/** An event on its way to the store. */
export interface OutgoingEvent {
  readonly type: string;
  /** When it was published, in milliseconds since 1970. */
  readonly time: number;
  /** The payload as JSON. */
  readonly data: string;
}

/** What is stored next of one run, in this order. */
export interface Batch {
  /** Who stores it, and which of theirs it is: a store that has it already does nothing. */
  readonly producer: Required<Producer>;
  /** How many events were lost before these: they take numbers, so that readers learn of it. */
  readonly lost: number;
  readonly events: readonly OutgoingEvent[];
}

/**
 * What became of a batch: stored, now or before; refused because of that newer epoch of its producer, or because the run
 * is closed. What is known of the producer counts before what is known of the run.
 */
export type Stored = "stored" | "duplicate" | { readonly fenced: number } | "closed";

/** An event as the store keeps it. Nothing of it is to be trusted. */
export interface StoredEvent {
  /** Its number within the run, from 1. */
  readonly seq: number;
  /** Its number in the order of all runs; those of a run grow. If events were lost before it, so is the number before. */
  readonly order: number;
  readonly type: unknown;
  readonly time: unknown;
  readonly data: unknown;
}

/** What the store holds of a run behind some number. */
export interface Page {
  /** The incarnation of the run: another one begins at 1 again. */
  readonly epoch: string;
  /** The number of the newest event; 0 if there was none. */
  readonly head: number;
  readonly closed: boolean;
  /** In the order of their numbers, with holes where something is gone. */
  readonly events: readonly StoredEvent[];
}

/** What a run was found to be. */
export interface Reading {
  /** Null if the run is unknown. */
  readonly page: Page | null;
  /** A place in the order of all runs: whatever was stored of the run up to there is in the page. */
  readonly place: Place;
}

/** A run that the store holds something of. */
export interface StoredRun {
  readonly runId: string;
  readonly epoch: string;
  readonly head: number;
  readonly closed: boolean;
  /** Its first `run.started`, if there was one, … */
  readonly started?: StoredEvent;
  /** … and its last `run.completed`: see `keptOf()`. */
  readonly completed?: StoredEvent;
}

/**
 * A place in the order in which everything was stored, of all runs. Numbers of another epoch are another store's, or
 * those of the same one after it may have lost some; an empty epoch says that nothing was ever stored.
 */
export interface Place {
  readonly epoch: string;
  readonly order: number;
}

/** Something that happened to a run that is watched. */
export interface Notice {
  readonly runId: string;
  /** `changed`: look what. `dropped`: its events were forgotten. `evicted`: the run was, to make room. */
  readonly kind: "changed" | "dropped" | "evicted";
  /** What the run's epoch begins with; empty where that is not known. */
  readonly epoch: string;
  /** The first number that was given to an event, also to one that was lost… */
  readonly first: number;
  /** …and the last; before `first` if none was given. */
  readonly last: number;
  /** Where that is in the order of all runs, if numbers were given. Those that are told come in this order. */
  readonly span?: Span;
}

/** A part of the order of all runs: what is behind `from`, up to `to`. */
export interface Span {
  /** What the epoch of the order begins with. */
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** What was stored behind a place. */
export interface News {
  /** Behind everything that was stored so far. */
  readonly place: Place;
  /** In their order. */
  readonly notices: readonly Notice[];
  /** Parts of the order of which nothing is known any more, in their order, none of them in a notice. */
  readonly losses: readonly Loss[];
}

/** A part of the order of all runs that is gone: what is behind `from`, up to `to`. */
export interface Loss {
  readonly from: number;
  readonly to: number;
  /** How many events that was; where the store counts batches, how many of these. */
  readonly count: number;
}

/** Told of what happens in the store. Nothing of it may throw. */
export interface Listener {
  notice(notice: Notice): void;
  /** Notices may have been missed: compare everything that is watched with the store. */
  missed(): void;
  /**
   * The store, or a connection to it, failed; it goes on trying, unless that is a {@linkcode PermanentError}: then
   * nothing is told any more.
   */
  failed(error: unknown): void;
}

/**
 * An engine. Promises reject when it cannot be reached, and the caller asks again; with a
 * {@linkcode PermanentError} when asking again is of no use.
 */
export interface Store {
  /** How many numbers of the order it gives away with each event, or with each batch if it counts these. */
  readonly orderStep: number;
  /** Begins to tell. Called once, before everything else. */
  listen(listener: Listener): void;
  /**
   * Stores a batch: assigns numbers, forgets the oldest events beyond the history, and tells who watches.
   * Calls for one run come one after the other.
   */
  append(runId: string, batch: Batch): Promise<Stored>;
  /** Gives a producer of a run its next epoch, in which it has stored nothing yet. The run is begun if it is unknown. */
  claim(runId: string, producerId: string): Promise<number>;
  /** What is held behind the number `after`. */
  read(runId: string, after: number, options?: ReadOptions): Promise<Reading>;
  /** Marks a run as closed, also one without events. */
  close(runId: string): Promise<void>;
  /** Forgets a run's events; a run that is closed, or that no process watches, altogether. */
  drop(runId: string): Promise<void>;
  /** Every run that is held. */
  runs(): Promise<StoredRun[]>;
  /** From when it resolves on, whatever happens to the run is told. */
  watch(runId: string): Promise<void>;
  unwatch(runId: string): void;
  /** From when it resolves on, whatever happens to any run is told, in order. */
  watchAll(): Promise<void>;
  unwatchAll(): void;
  /** What was stored behind a place, which may have been missed. Null asks for nothing but where the order stands. */
  since(place: Place | null): Promise<News>;
  /** Gives its connections back. What is under way may reject. */
  end(): Promise<void>;
}

/** How a run is read. */
export interface ReadOptions {
  /** Whether the server is to be asked, also where an engine knows the answer. @default {false} */
  readonly isFresh?: boolean;
  /** Whether the place has to be where the order stood when this was asked, or later. @default {false} */
  readonly isPlaced?: boolean;
}

/** What is missing between notices that follow each other, from one place of the order to another. */
export function lossesBetween(from: number, notices: readonly Notice[], to: number): Loss[] {
  const losses: Loss[] = [];
  let at = from;
  const lose = (next: number) => {
    if (next > at) losses.push({ from: at, to: next, count: next - at });
  };
  for (const { span } of notices) {
    lose(span!.from);
    at = Math.max(at, span!.to);
  }
  lose(to);
  return losses;
}
