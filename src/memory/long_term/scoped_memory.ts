/** What is remembered of one scope, as its user sees it. */

import type { MemoryItem } from "./items.ts";
import type { MemoryScope } from "./scope.ts";

/** The memory of one scope. All of its methods reject with a {@linkcode MemoryStoreError} if the storage fails. */
export interface ScopedMemory {
  /** Whose it is. */
  readonly scope: MemoryScope;
  /**
   * Remembers a value under a key, in the place of what was there.
   *
   * @param value Plain JSON; what JSON cannot carry becomes text.
   * @throws {MemoryStoreError} If it alone is more than `maxBytes`; then nothing has changed.
   */
  put(
    key: string,
    value: unknown,
    options?: { metadata?: Readonly<Record<string, unknown>> },
  ): Promise<MemoryChange>;
  /** What is remembered under a key; null if there is nothing. */
  get(key: string): Promise<MemoryItem | null>;
  /** Everything, what was put last first. @param options `limit`: 10 unless said. */
  list(options?: { limit?: number }): Promise<readonly MemoryItem[]>;
  /**
   * The items in which all words of the query occur, in the key, the value or the metadata; what was put last first. Case does
   * not matter.
   */
  search(query: string, options?: { limit?: number }): Promise<readonly MemoryItem[]>;
  /** Forgets a key. @returns Whether there was something. */
  delete(key: string): Promise<boolean>;
  /** Forgets everything of this scope and of those within it: of a user, also what belongs to the user's threads. */
  clear(): Promise<void>;
}

/** What came of remembering something. */
export interface MemoryChange {
  /** What is remembered now. */
  readonly item: MemoryItem;
  /** The keys that had to make room for it, or were too old. */
  readonly dropped: readonly string[];
}
