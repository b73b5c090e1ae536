/**
 * Keeps texts by key: what threads of graphs are stored in. All keys of one store belong to one thread.
 *
 * `create()` is the only method that must be atomic: of several calls for one key, only one may get true. SQL has it as
 * a primary key, Redis as `SET NX`, NATS as `create`, S3 as `If-None-Match: *`, a file system as `link()`.
 */
export interface RecordStore {
  /** Sets the value of a key that is not there. @returns False if it is there already. */
  create(key: string, value: string): Promise<boolean>;
  /** The value of a key; null if there is none. */
  get(key: string): Promise<string | null>;
  /** Removes a key, if it is there. */
  remove(key: string): Promise<void>;
  /** The keys that begin with `prefix`, in any order. */
  keys(prefix: string): Promise<readonly string[]>;
}

/** Keeps records in the memory of this process. */
export class MapRecords implements RecordStore {
  readonly #items = new Map<string, string>();

  create(key: string, value: string): Promise<boolean> {
    const isNew = !this.#items.has(key);
    if (isNew) this.#items.set(key, value);
    return Promise.resolve(isNew);
  }

  get(key: string): Promise<string | null> {
    return Promise.resolve(this.#items.get(key) ?? null);
  }

  remove(key: string): Promise<void> {
    this.#items.delete(key);
    return Promise.resolve();
  }

  keys(prefix: string): Promise<readonly string[]> {
    return Promise.resolve([...this.#items.keys()].filter((key) => key.startsWith(prefix)));
  }
}
