import { builtinModule } from "./builtin_module.ts";

/** What can be stored in a column by us. */
export type SqliteValue = string | number | null;

/** What is used of an SQLite database: `node:sqlite`, `bun:sqlite` and `better-sqlite3` have it. */
export interface SqliteDatabase {
  /** Runs statements that answer nothing. */
  exec(sql: string): unknown;
  /** Makes a statement. */
  prepare(sql: string): SqliteStatement;
  /** Closes the file. */
  close(): unknown;
}

/** What is used of a prepared statement. */
export interface SqliteStatement {
  /** Runs it. */
  run(...values: SqliteValue[]): unknown;
  /** Runs it, and answers with its rows as objects. */
  all(...values: SqliteValue[]): unknown[];
}

type Constructor = new (
  path: string,
  options?: { readonly readOnly: true; readonly readonly: true },
) => SqliteDatabase;

/**
 * Opens a database of this runtime; undefined if it has no SQLite.
 *
 * @param isReadOnly Whether the file is only read: then it must be there.
 * @throws {Error} If the file cannot be opened.
 */
export function openSqlite(path: string, isReadOnly = false): SqliteDatabase | undefined {
  const node = builtinModule<{ DatabaseSync?: Constructor }>("node:sqlite");
  // Bun had its own before it had Node's.
  const bun = builtinModule<{ Database?: Constructor }>("bun:sqlite");
  const Database = node?.DatabaseSync ?? bun?.Database;
  if (Database === undefined || !isReadOnly) return Database && new Database(path);
  // Each has its own spelling.
  return new Database(path, { readOnly: true, readonly: true });
}
