/**
 * What a bus needs of the engine that keeps its runs: a store that numbers the events of each run, keeps the
 * last of them, and tells who watches that something happened.
 */

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
  /** Identifies the batch within its publisher and run: a store that has it already does nothing. */
  readonly number: number;
  /** How many events were lost before these: they take numbers, so that readers learn of it. */
  readonly lost: number;
  readonly events: readonly OutgoingEvent[];
}

/** What became of a batch: stored, or refused because the run is closed. */
export type Stored = { readonly head: number } | "closed";

/** An event as the store keeps it. Nothing of it is to be trusted. */
export interface StoredEvent {
  /** Its number within the run, from 1. */
  readonly seq: number;
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

/** A run that the store holds something of. */
export interface StoredRun {
  readonly runId: string;
  readonly epoch: string;
  readonly head: number;
  readonly closed: boolean;
}

/** Something that happened to a run that is watched. */
export interface Notice {
  readonly runId: string;
  /** `changed`: look what. `dropped`: its events were forgotten. `evicted`: the run was, for want of room. */
  readonly kind: "changed" | "dropped" | "evicted";
  /** Numbers of the events that came, from `first` on; 0 if none came. */
  readonly first: number;
}

/** Told of what happens in the store. Nothing of it may throw. */
export interface Listener {
  notice(notice: Notice): void;
  /** Notices may have been missed: look at everything that is watched. */
  missed(): void;
  /** The store, or a connection to it, failed; it goes on trying. */
  failed(error: unknown): void;
}

/** An engine. Every promise rejects when the engine cannot be reached; whoever asked asks again. */
export interface Store {
  /** Begins to tell. Called once, before everything else. */
  listen(listener: Listener): void;
  /**
   * Stores a batch: assigns numbers, forgets the oldest events beyond the history, and tells who watches.
   * Calls for one run come one after the other.
   */
  append(runId: string, batch: Batch): Promise<Stored>;
  /** What is held behind the number `after`, at most the newest `limit`; null if the run is unknown. */
  read(runId: string, after: number, limit?: number): Promise<Page | null>;
  /** Marks a run as closed, also one that nobody has published to. */
  close(runId: string): Promise<void>;
  /** Forgets a run's events; a run that is closed, or that nobody watches, altogether. */
  drop(runId: string): Promise<void>;
  /** Every run that is held. */
  runs(): Promise<StoredRun[]>;
  /** From when it resolves on, whatever happens to the run is told. */
  watch(runId: string): Promise<void>;
  unwatch(runId: string): void;
  /** From when it resolves on, whatever happens to any run is told. */
  watchAll(): Promise<void>;
  unwatchAll(): void;
  /** Gives its connections back. What is under way may reject. */
  end(): Promise<void>;
}
