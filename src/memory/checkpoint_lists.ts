import type { CheckpointInfo } from "./checkpointer.ts";
import type { CheckpointStorage } from "./checkpoint_storage.ts";
import { CheckpointError } from "./errors.ts";
import { readSettled } from "./read_settled.ts";
import { readIndex, writeIndex } from "./storage_index.ts";
import { indexKey } from "./storage_keys.ts";

/** The lists of the checkpoints of threads in a storage, newest first. */
export class CheckpointLists {
  readonly #storage: CheckpointStorage;

  constructor(storage: CheckpointStorage) {
    this.#storage = storage;
  }

  async read(thread: string, threadId: string): Promise<readonly CheckpointInfo[]> {
    return (await this.#readOnce(thread, threadId)).checkpoints;
  }

  /**
   * Changes a list: where the storage compares and sets, only if nobody else has changed it meanwhile, else once more from the
   * start.
   *
   * @param next What becomes of it; null to leave it.
   * @returns Whether it was changed.
   */
  async change(
    thread: string,
    threadId: string,
    next: (checkpoints: readonly CheckpointInfo[]) => readonly CheckpointInfo[] | null,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { stored, checkpoints } = await this.#readOnce(thread, threadId);
      const changed = next(checkpoints);
      if (changed === null) return false;
      const text = changed.length === 0 ? null : writeIndex(threadId, changed);
      if (await this.#write(indexKey(thread), stored, text)) return true;
    }
    throw new CheckpointError("checkpoint_error", "others change the thread at this moment");
  }

  async #write(key: string, before: unknown, text: string | null): Promise<boolean> {
    const { compareAndSet } = this.#storage;
    if (compareAndSet !== undefined) {
      const expected = before == null ? null : String(before);
      return await compareAndSet.call(this.#storage, key, expected, text);
    }
    if (text === null) await this.#storage.removeItem(key);
    else await this.#storage.setItem(key, text);
    return true;
  }

  #readOnce(
    thread: string,
    threadId: string,
  ): Promise<{ stored: unknown; checkpoints: readonly CheckpointInfo[] }> {
    return readSettled(async () => {
      const stored = await this.#storage.getItem(indexKey(thread));
      return { stored, checkpoints: readIndex(threadId, stored)?.checkpoints ?? [] };
    });
  }
}

// Whoever comes too late was overtaken by somebody who has changed it: so often only where very many do.
const ATTEMPTS = 1_000;
