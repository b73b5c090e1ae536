import { describe } from "../../core/options.ts";
import { files } from "../../runtime/files.ts";
import { openSqlite, type SqliteDatabase } from "../../runtime/sqlite.ts";
import { Engine } from "./engine.ts";
import { isDamage, reasonOf } from "./errors.ts";
import { checkCompany, newOpener, register } from "./openers.ts";
import { fromObjectStorage, isObjectStorage, type ObjectStorageLike } from "./object_storage.ts";
import { checkSchema, isOurs, prepareSchema } from "./schema.ts";

export interface OpenOptions {
  readonly owner: string;
  /** Where the file is, … */
  readonly path: string | undefined;
  /** … or somebody's database. */
  readonly database: SqliteDatabase | ObjectStorageLike | undefined;
  /** Whether each commit waits until the disk has it. */
  readonly isFull: boolean;
  readonly isReadOnly?: boolean;
  /** What else is needed of it, such as an index. */
  readonly prepare?: (engine: Engine) => void;
}

/** @throws {TypeError} If it is not said where the file is, or twice. */
export function checkPlace<P extends Pick<OpenOptions, "path" | "database">>(
  owner: string,
  options: Partial<P>,
): Partial<P> {
  const { path, database } = options;
  if (database === undefined && (typeof path !== "string" || path === "")) {
    throw new TypeError(`${owner}: "path" must be the path of a file, got ${describe(path)}`);
  }
  if (database !== undefined && path !== undefined) {
    throw new TypeError(`${owner}: give "path" or "database", not both`);
  }
  if (database !== undefined && !isObjectStorage(database) && !isDatabase(database)) {
    const got = describe(database);
    const kinds = "node:sqlite, bun:sqlite or better-sqlite3, or the storage of a Durable Object";
    throw new TypeError(`${owner}: "database" must be one of ${kinds}, got ${got}`);
  }
  return options;
}

function isDatabase(value: unknown): boolean {
  return typeof Object(value).prepare === "function";
}

/** A file that is open, and the name under which it was opened. */
export interface Opened {
  readonly engine: Engine;
  readonly database: SqliteDatabase;
  /** Whether the file is still where it was; null if that is not known. */
  readonly isThere: (() => boolean) | null;
  /** Null if it is only read. */
  readonly opener: string | null;
  readonly isOwn: boolean;
  /** What is to be said of it: that something may be gone. */
  readonly losses: readonly string[];
}

/**
 * Opens a file, or makes it. One of ours that is damaged is put aside, and another one begun.
 *
 * @throws {Error} If that cannot be done, with what to do about it.
 */
export function openFile(options: OpenOptions): Opened {
  const { owner, path } = options;
  const cannot = (error: unknown) => {
    const name = path === undefined ? "the database" : JSON.stringify(path);
    return new Error(`${owner}: cannot open ${name}: ${reasonOf(error)}`, { cause: error });
  };
  try {
    return openOnce(options);
  } catch (error) {
    try {
      const mayMove = path !== undefined && !options.isReadOnly;
      const aside = mayMove && isDamage(error) && putAside(path);
      if (!aside) throw error;
      const opened = openOnce(options);
      const loss = `${
        JSON.stringify(path)
      } is damaged: it was put aside as ${aside}, and a new one begun`;
      return { ...opened, losses: [loss, ...opened.losses] };
    } catch (second) {
      throw cannot(second);
    }
  }
}

function openOnce(
  { path, database, isFull, isReadOnly = false, prepare }: OpenOptions,
): Opened {
  let engine: Engine | undefined;
  try {
    const given = isObjectStorage(database) ? fromObjectStorage(database) : database;
    const opened = given ?? (isReadOnly ? openToRead(path!) : open(path!));
    engine = new Engine(opened);
    const { isOfObject } = engine;
    const fs = path === ":memory:" ? undefined : files();
    const identity = path === undefined ? null : fs?.identity(path) ?? null;
    const isThere = identity === null ? null : () => fs!.identity(path!) === identity;
    engine.exec("PRAGMA busy_timeout = 1000");
    const isOwn = database === undefined;
    if (isReadOnly) {
      checkSchema(engine, path !== undefined);
      return { engine, database: opened, opener: null, losses: [], isThere, isOwn };
    }
    prepareSchema(engine, path !== undefined);
    prepare?.(engine);
    // Of an object there is one, so whoever had it open is gone.
    if (isOfObject) engine.run("DELETE FROM locus_openers");
    else checkCompany(engine);
    const opener = newOpener();
    const renewed = register(engine, opener, path === ":memory:" || isFull || isOfObject);
    // Whoever waits for a lock lets everything else wait: what cannot be stored now is tried again.
    engine.exec(`PRAGMA busy_timeout = 20; PRAGMA synchronous = ${isFull ? "FULL" : "NORMAL"}`);
    const losses = renewed === 0 ? [] : [
      `The machine went down while the file was open: ${renewed} runs may have lost their newest events, and go on under a new epoch`,
    ];
    return { engine, database: opened, opener, losses, isThere, isOwn };
  } catch (error) {
    if (path !== undefined) engine?.close();
    throw error;
  }
}

/** Gives a file that is ours, and what SQLite keeps beside it, another name; null if it is not. */
function putAside(path: string): string | null {
  const fs = files();
  if (fs === undefined || !isOurs(fs.firstBytes(path, HEADER_BYTES))) {
    return null;
  }
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  for (const suffix of ["-wal", "-shm", ""]) {
    if (fs.exists(path + suffix)) fs.rename(path + suffix, aside + suffix);
  }
  return JSON.stringify(aside);
}

const HEADER_BYTES = 100;

function open(path: string): SqliteDatabase {
  const fs = files();
  if (path !== ":memory:" && fs !== undefined && !fs.exists(fs.dirname(fs.resolve(path)))) {
    throw new Error("its folder does not exist");
  }
  return openSqlite(path) ?? noSqlite();
}

function openToRead(path: string): SqliteDatabase {
  const fs = files();
  if (fs?.exists(path) === false) throw new Error("there is no such file");
  let database: SqliteDatabase | undefined;
  try {
    database = openSqlite(path, true) ?? noSqlite();
    database.prepare("SELECT 1 FROM sqlite_schema").all();
    return database;
  } catch (error) {
    database?.close();
    // Who may not write beside the file can read it if it is whole without its log, as that of nobody who has it open is.
    if (isDamage(error) || fs === undefined || fs.exists(`${path}-wal`)) throw error;
    const name = fs.resolve(path).replaceAll(/[%?#]/g, encodeURIComponent);
    return openSqlite(`file:${name}?immutable=1`, true) ?? noSqlite();
  }
}

function noSqlite(): never {
  throw new Error(
    "this runtime has no SQLite; use Node 22.13, Deno 2.2 or Bun, or give a database",
  );
}
