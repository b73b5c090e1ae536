import type { ObjectDatabase } from "./object_storage.ts";
import type { SqliteDatabase, SqliteStatement, SqliteValue } from "../../runtime/sqlite.ts";

/** A database, with its statements prepared once. The texts given to it are constants, so they are few. */
export class Engine {
  #database: SqliteDatabase & Partial<ObjectDatabase>;
  readonly #statements: Map<string, SqliteStatement> = new Map();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Whether it is that of a Durable Object: nobody else has it open, and a commit is safe. */
  get isOfObject(): boolean {
    return this.#database.within !== undefined;
  }

  all<R>(sql: string, ...values: SqliteValue[]): R[] {
    return this.#prepared(sql).all(...values) as R[];
  }

  one<R>(sql: string, ...values: SqliteValue[]): R | undefined {
    return this.all<R>(sql, ...values)[0];
  }

  run(sql: string, ...values: SqliteValue[]): void {
    this.#prepared(sql).run(...values);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  snapshot<T>(act: () => T): T {
    return this.transaction(act, "BEGIN");
  }

  /** All of it or nothing. Nobody else writes meanwhile. */
  transaction<T>(act: () => T, begin = "BEGIN IMMEDIATE"): T {
    if (this.#database.within !== undefined) return this.#database.within(act);
    this.exec(begin);
    try {
      const result = act();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      try {
        this.exec("ROLLBACK");
      } catch {
        // SQLite has rolled it back itself.
      }
      throw error;
    }
  }

  replace(database: SqliteDatabase): void {
    this.#statements.clear();
    this.#database = database;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
