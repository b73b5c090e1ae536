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
}
