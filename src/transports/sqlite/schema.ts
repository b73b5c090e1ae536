import { randomHex } from "../../core/random_hex.ts";
import type { Engine } from "./engine.ts";

/** "LOCS": whose file it is. */
const APPLICATION_ID = 0x4c4f4353;
/** Where SQLite keeps that in a file. */
const APPLICATION_ID_AT = 68;

/** Whether a file says that it is ours, from its first bytes: also if the rest cannot be read. */
export function isOurs(header: Uint8Array): boolean {
  if (header.length < APPLICATION_ID_AT + 4) return false;
  return new DataView(header.buffer, header.byteOffset).getInt32(APPLICATION_ID_AT) ===
    APPLICATION_ID;
}
const VERSION = 3;

/**
 * `locus_meta`: the order of the newest event, how many changes there were, and who committed last. `touched` is the
 * number of a run's last change. An event's `id` is
 * its order over all runs. It is never given twice, whatever is deleted. An event of the type '' stands for events that
 * were lost: up to `seq`, from the number in `data` on.
 *
 * What is deleted as a whole is only marked: `locus_trash` names the runs whose events are still to be deleted up to some
 * number, a few at a time. `locus_gone` remembers the newest order of the runs that were forgotten last, and whether they were closed.
 */
const TABLES = `
CREATE TABLE locus_meta(one INTEGER PRIMARY KEY CHECK(one = 1), epoch TEXT NOT NULL, orders INTEGER NOT NULL,
  changes INTEGER NOT NULL, lost INTEGER NOT NULL, writer TEXT NOT NULL, batch INTEGER NOT NULL) STRICT;
CREATE TABLE locus_runs(id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
  head INTEGER NOT NULL, tail INTEGER NOT NULL, closed INTEGER NOT NULL, continued INTEGER NOT NULL,
  dropped INTEGER NOT NULL, bytes INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  touched INTEGER NOT NULL, opener TEXT, state TEXT NOT NULL DEFAULT 'running',
  standing TEXT NOT NULL DEFAULT '', models TEXT NOT NULL DEFAULT '[]', importing INTEGER NOT NULL DEFAULT 0, holes INTEGER NOT NULL DEFAULT 0, started TEXT, completed TEXT) STRICT;
CREATE INDEX locus_runs_touched ON locus_runs(touched);
CREATE INDEX locus_runs_next ON locus_runs(closed DESC, touched);
CREATE INDEX locus_runs_updated ON locus_runs(updated);
CREATE INDEX locus_runs_importing ON locus_runs(importing) WHERE importing <> 0;
CREATE TABLE locus_events(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL,
  time INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX locus_events_place ON locus_events(run, seq);
CREATE TABLE locus_producers(run INTEGER NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
  used INTEGER NOT NULL, PRIMARY KEY(run, id)) STRICT, WITHOUT ROWID;
CREATE TABLE locus_gone(run_id TEXT PRIMARY KEY, epoch TEXT NOT NULL, last INTEGER NOT NULL, closed INTEGER,
  touched INTEGER NOT NULL) STRICT;
CREATE INDEX locus_gone_touched ON locus_gone(touched);
CREATE TABLE locus_trash(run INTEGER PRIMARY KEY, upto INTEGER NOT NULL) STRICT;
CREATE TABLE locus_openers(id TEXT PRIMARY KEY, boot TEXT NOT NULL, seen INTEGER NOT NULL) STRICT;
`;

/**
 * Makes the tables where there are none.
 *
 * @param isFile Whether the file is to be ours as a whole, and not somebody's with tables of ours in it.
 * @throws {Error} If the file is somebody else's, or of another version: it stays as it is.
 */
export function prepareSchema(engine: Engine, isFile: boolean): void {
  if (isFile) {
    checkOwner(engine);
    if (numberOf(engine, "schema_version") === 0) engine.exec("PRAGMA auto_vacuum = INCREMENTAL");
    engine.exec("PRAGMA journal_mode = WAL");
  }
  if (hasTables(engine)) return checkMeta(engine);
  engine.transaction(() => {
    // Somebody else may have been faster.
    if (hasTables(engine)) return;
    engine.exec(TABLES);
    engine.run("INSERT INTO locus_meta VALUES(1, ?, 0, 0, 0, '', 0)", randomHex(12));
    if (!isFile) return;
    engine.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    engine.exec(`PRAGMA user_version = ${VERSION}`);
  });
}

/** @throws {Error} If there is nothing of ours to be read. */
export function checkSchema(engine: Engine, isFile: boolean): void {
  if (isFile) checkOwner(engine);
  if (!hasTables(engine)) throw new Error("it holds no runs");
  checkMeta(engine);
}

function checkMeta(engine: Engine): void {
  if (engine.one("SELECT * FROM locus_meta") === undefined) {
    throw new Error("database disk image is malformed");
  }
}

function checkOwner(engine: Engine): void {
  const isEmpty = numberOf(engine, "schema_version") === 0;
  if (numberOf(engine, "application_id") !== APPLICATION_ID && !isEmpty) {
    throw new Error("it belongs to another program; give another path");
  }
  const version = numberOf(engine, "user_version");
  if (version > VERSION) {
    throw new Error(`it was written by a newer version of Locus (${version}); upgrade Locus`);
  }
  if (version < VERSION && !isEmpty) {
    throw new Error("it was written before the first release of Locus; give another path");
  }
}

function hasTables(engine: Engine): boolean {
  return engine.one("SELECT 1 AS n FROM sqlite_schema WHERE name = 'locus_meta'") !== undefined;
}

function numberOf(engine: Engine, pragma: string): number {
  const row = engine.one<Record<string, number>>(`PRAGMA ${pragma}`) ?? {};
  return Number(Object.values(row)[0]);
}
