import type { SqliteDatabase, SqliteValue } from "../../runtime/sqlite.ts";

/** What is used of the storage of a Durable Object with SQLite: `ctx.storage`. */
export interface ObjectStorageLike {
  /** Its database. */
  readonly sql: {
    /** Runs statements, and answers with the rows of the last one. */
    exec(sql: string, ...values: SqliteValue[]): { toArray(): unknown[] };
  };
  /** Runs something as one transaction. */
  transactionSync<T>(act: () => T): T;
}

/** A database that has transactions of its own, in place of the statements for them. */
export interface ObjectDatabase extends SqliteDatabase {
  within<T>(act: () => T): T;
}

export function isObjectStorage(value: unknown): value is ObjectStorageLike {
  const { sql, transactionSync } = Object(value);
  return typeof transactionSync === "function" && typeof Object(sql).exec === "function";
}

/** The storage of an object as a database. What only a file needs is left out: an object refuses pragmas. */
export function fromObjectStorage(storage: ObjectStorageLike): ObjectDatabase {
  const all = (sql: string, values: SqliteValue[]) =>
    /^PRAGMA\b/.test(sql) ? [] : storage.sql.exec(sql, ...values).toArray();
  return {
    exec: (sql) => void all(sql, []),
    prepare: (sql) => ({
      run: (...values) => void all(sql, values),
      all: (...values) => all(sql, values),
    }),
    within: (act) => storage.transactionSync(act),
    close() {},
  };
}
