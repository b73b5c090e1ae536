/** What is used of a key-value storage: a `Storage` of `unstorage` has it, whatever its driver. */
export interface CheckpointStorage {
  /** The value of a key, as text or parsed as JSON; null if there is none. */
  getItem(key: string): unknown;
  /** Sets the value of a key. */
  setItem(key: string, value: string): unknown;
  /** Removes a key. */
  removeItem(key: string): unknown;
  /** All keys that begin with `base`. Used only to delete a thread, or a question that is answered. */
  getKeys(base: string): readonly string[] | Promise<readonly string[]>;
  /**
   * Sets the value of a key, or takes it away (`null`), if it is the one that is expected; `null` expects none. Atomic, also
   * between processes. `sqliteStorage()` has it; without it, {@linkcode storageCheckpointer} goes by claims.
   */
  compareAndSet?(
    key: string,
    expected: string | null,
    value: string | null,
  ): boolean | Promise<boolean>;
}
