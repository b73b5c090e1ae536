/** A store that fails once. */

import type {
  Checkpointer,
  CheckpointInfo,
  ListCheckpointsOptions,
  SaveOptions,
  Snapshot,
} from "../../src/memory/mod.ts";
import { CheckpointError } from "../../src/memory/mod.ts";

/** What goes wrong. */
export interface StoreFault {
  /** With which of all its operations, from 0. */
  readonly at: number;
  /** Whether it is done all the same, as when only the answer is lost. */
  readonly isDone: boolean;
}

/** A checkpointer of which one operation rejects. */
export class FailingStore implements Checkpointer {
  readonly backend = "failing";
  /** The store behind it. */
  readonly sound: Checkpointer;
  readonly #fault: StoreFault | null;
  #operations = 0;

  constructor(sound: Checkpointer, fault: StoreFault | null) {
    this.sound = sound;
    this.#fault = fault;
  }

  save(snapshot: Snapshot, threadId: string, options?: SaveOptions): Promise<string> {
    return this.#do(() => this.sound.save(snapshot, threadId, options));
  }

  load(threadId: string, checkpointId?: string): Promise<Snapshot | null> {
    return this.#do(() => this.sound.load(threadId, checkpointId));
  }

  listCheckpoints(
    threadId: string,
    options?: ListCheckpointsOptions,
  ): Promise<CheckpointInfo[]> {
    return this.#do(() => this.sound.listCheckpoints(threadId, options));
  }

  delete(threadId: string, checkpointId?: string): Promise<boolean> {
    return this.#do(() => this.sound.delete(threadId, checkpointId));
  }

  async #do<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#operations++ !== this.#fault?.at) return await operation();
    if (this.#fault.isDone) await operation();
    throw new CheckpointError("checkpoint_error", "the connection is gone");
  }
}
