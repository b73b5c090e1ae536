/** What keeps the state of conversations between runs and between processes. */

import type { RecordStore } from "./record_store.ts";

/**
 * The state of an agent or a graph at one moment, as plain JSON.
 *
 * What is in `data` is known only to what made it, and is checked when it is read.
 */
export interface Snapshot {
  /** What the state is of. */
  readonly kind: "agent" | "graph";
  /** The form of `data`. */
  readonly version: 1 | 2;
  /** The state itself: JSON. */
  readonly data: unknown;
}

/** Options of {@linkcode Checkpointer.save}. */
export interface SaveOptions {
  /**
   * The checkpoint's id: 1 to 128 letters, digits, `_` and `-`. One that is there already is replaced.
   *
   * @default {a new one}
   */
  checkpointId?: string;
  /** Anything to find it by later: JSON. @default {{}} */
  metadata?: Readonly<Record<string, unknown>>;
}

/** Options of {@linkcode Checkpointer.listCheckpoints}. */
export interface ListCheckpointsOptions {
  /** How many at most. @default {10} */
  limit?: number;
}

/** What is known of a checkpoint without reading it. */
export interface CheckpointInfo {
  /** Identifies it in its thread. */
  readonly checkpoint_id: string;
  /** The conversation that it belongs to. */
  readonly thread_id: string;
  /** What it is a state of. */
  readonly kind: Snapshot["kind"];
  /** When it was saved: ISO 8601 in UTC. */
  readonly created_at: string;
  /** What it was saved with. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Keeps snapshots by thread, which is a conversation: {@linkcode MemoryCheckpointer},
 * {@linkcode storageCheckpointer}, or one of your own.
 *
 * - **The newest** checkpoint of a thread is the one that was saved last, whatever the clocks say.
 * - **Copies:** what is saved and what is loaded share nothing with each other.
 * - **Thread ids** are 1 to 1024 characters of any kind, and come from outside: a checkpointer must not
 *   let one reach what belongs to another.
 * - **Failures** are rejections with a {@linkcode CheckpointError}.
 */
export interface Checkpointer {
  /** Name of the kind of store, for events: `memory`. */
  readonly backend: string;
  /** Saves a snapshot as the newest of the thread. @returns The checkpoint's id. */
  save(snapshot: Snapshot, threadId: string, options?: SaveOptions): Promise<string>;
  /** The newest snapshot of the thread, or the one of that id; null if there is none. */
  load(threadId: string, checkpointId?: string): Promise<Snapshot | null>;
  /** The checkpoints of the thread, newest first. */
  listCheckpoints(threadId: string, options?: ListCheckpointsOptions): Promise<CheckpointInfo[]>;
  /**
   * Deletes the thread, or the one checkpoint of it.
   *
   * An agent takes a question that it answers out of its thread in this way: of several calls for the
   * same checkpoint, only one may get true.
   *
   * @returns Whether there was something to delete.
   */
  delete(threadId: string, checkpointId?: string): Promise<boolean>;
  /**
   * The records of a thread, which graphs are kept in: each step stores what it changed. What
   * {@linkcode Checkpointer.delete} deletes of a whole thread, it deletes of its records as well.
   */
  records?(threadId: string): Promise<RecordStore>;
}
