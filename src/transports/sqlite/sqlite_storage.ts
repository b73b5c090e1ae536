import { checkOptions, describe } from "../../core/options.ts";
import type { SqliteDatabase } from "../../runtime/sqlite.ts";
import { unregister } from "./openers.ts";
import { checkPlace, openFile } from "./opening.ts";

/** Options of {@linkcode sqliteStorage}: a `path` or a `database`. */
export interface SqliteStorageOptions {
  /** The file, made if there is none: one of its own, or the one in which a bus keeps its runs. */
  path?: string;
  /** Your own database instead: see `sqliteBus()`. */
  database?: SqliteDatabase;
}

/**
 * Texts by their keys, with the methods of a storage, and of a driver, of `unstorage`. Promises reject if the file cannot
 * be reached.
 */
export interface SqliteStorage {
  /** As a driver of `unstorage` is called. */
  readonly name: string;
  /** Whether the key has a value. */
  hasItem(key: string): Promise<boolean>;
  /** The value of a key; null if it has none. */
  getItem(key: string): Promise<string | null>;
  /** Sets the value of a key. */
  setItem(key: string, value: string): Promise<void>;
  /**
   * Sets the value of a key, or takes it away (`null`), if its value is the one that is expected; `null` expects none. Of
   * several who expect the same, in whatever process, one succeeds.
   *
   * @returns Whether it was.
   */
  compareAndSet(key: string, expected: string | null, value: string | null): Promise<boolean>;
  /** Takes the value of a key away. */
  removeItem(key: string): Promise<void>;
  /** The keys that begin with `base`, in their order. */
  getKeys(base?: string): Promise<string[]>;
  /** Takes away the values of all keys that begin with `base`. */
  clear(base?: string): Promise<void>;
  /** Closes the file. */
  dispose(): Promise<void>;
}

/**
 * A key-value storage in an SQLite file: for checkpoints of agents (`storageCheckpointer(sqliteStorage({ path }))`), and
 * whatever takes a storage of `unstorage`.
 *
 * - **Durable:** when a promise resolves, the disk has it.
 * - **At the same time:** several processes of one machine may use the file. Each call is atomic, and `compareAndSet()` lets
 *   one of them win.
 *
 * @throws {TypeError} If there is neither `path` nor `database`, or an option is unknown or of the wrong type.
 * @throws {Error} If the file cannot be opened, is somebody else's or of a newer version; it stays as it is.
 *
 * @example Agents whose questions survive a restart
 * ```ts ignore
 * import { storageCheckpointer } from "@locus/core/memory";
 * import { sqliteStorage } from "@locus/core/transports/sqlite";
 *
 * const checkpointer = storageCheckpointer(sqliteStorage({ path: "agents.db" }));
 * ```
 */
export function sqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  const owner = "sqliteStorage()";
  checkOptions(owner, options, ["path", "database"]);
  const { path, database } = checkPlace(owner, options);
  const { engine, opener, isOwn } = openFile({ owner, path, database, isFull: true });
  engine.exec("PRAGMA busy_timeout = 1000");
  engine.exec(
    "CREATE TABLE IF NOT EXISTS locus_storage(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
  );
  const check = (name: string, text: unknown) => {
    if (typeof text !== "string") {
      throw new TypeError(`${owner}: ${name} must be a text, got ${describe(text)}`);
    }
  };
  // As JSON: some runtimes read a text only up to its first NUL.
  const get = (key: string): string | null => {
    const row = engine.one<{ value: string }>("SELECT value FROM locus_storage WHERE key = ?", key);
    return row === undefined ? null : JSON.parse(row.value) as string;
  };
  const set = (key: string, value: string | null) => {
    if (value === null) return engine.run("DELETE FROM locus_storage WHERE key = ?", key);
    engine.run(
      "INSERT INTO locus_storage VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
      ...[key, JSON.stringify(value)],
    );
  };
  let isOpen = true;
  /** Promises come of it, so that what fails is a rejection. */
  // deno-lint-ignore require-await
  const act = async <T>(key: unknown, what: () => T): Promise<T> => {
    check("a key", key);
    if ((key as string).includes("\0")) throw new TypeError(`${owner}: a key must hold no NUL`);
    if (!isOpen) throw new Error("The storage was closed");
    return what();
  };
  return {
    name: "locus-sqlite",
    hasItem: (key) => act(key, () => get(key) !== null),
    getItem: (key) => act(key, () => get(key)),
    setItem: (key, value) =>
      act(key, () => {
        check("a value", value);
        set(key, value);
      }),
    compareAndSet: (key, expected, value) =>
      act(key, () => {
        if (expected !== null) check("what is expected", expected);
        if (value !== null) check("a value", value);
        return engine.transaction(() => {
          if (get(key) !== expected) return false;
          set(key, value);
          return true;
        });
      }),
    removeItem: (key) => act(key, () => set(key, null)),
    getKeys: (base = "") =>
      act(base, () =>
        engine.all<{ key: string }>(
          "SELECT key FROM locus_storage WHERE substr(key, 1, length(?1)) = ?1 AND key >= ?1 ORDER BY key",
          base,
        ).map(({ key }) => key)),
    clear: (base = "") =>
      act(
        base,
        () =>
          engine.run(
            "DELETE FROM locus_storage WHERE substr(key, 1, length(?1)) = ?1 AND key >= ?1",
            base,
          ),
      ),
    dispose: () =>
      act("", () => {
        isOpen = false;
        unregister(engine, opener!);
        if (isOwn) engine.close();
      }),
  };
}
