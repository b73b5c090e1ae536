import type { Engine } from "./engine.ts";

/** Where words are looked for. */
export interface Search {
  /** Makes some of what it does not know yet known. Whether there is more. */
  catchUp(): boolean;
  /** The events before an order in which all words occur, newest first. */
  find(words: string, before: number, limit: number): Hit[];
  /** Whether the run has such an event from an order on. */
  hasSince(words: string, run: number, order: number): boolean;
}

/** The newest event of a run that matches. */
export interface Hit {
  readonly id: number;
  readonly run: number;
}

/** Makes the index where there is none. @throws {Error} If this SQLite cannot do that. */
export function prepareSearch(engine: Engine): void {
  engine.transaction(() => engine.exec(TABLES));
}

/**
 * The words in the texts of all events. An event is indexed some time after it was stored, with a later transaction or by the
 * next search, so it costs no more to store one, and a file that was made without an index gets one.
 */
export class SearchIndex implements Search {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Indexes some of the events that are not indexed yet, in the transaction of the caller. Whether there are more. */
  step(orders: number): boolean {
    const { upto } = this.#engine.one<{ upto: number }>("SELECT upto FROM locus_indexed")!;
    if (upto >= orders) return false;
    const to = Math.min(orders, upto + AT_ONCE);
    this.#engine.run(
      `INSERT INTO locus_search(rowid, text)
       SELECT e.id, substr(group_concat(j.value, ' '), 1, ${MAX_CHARS})
       FROM locus_events e, json_tree(iif(json_valid(e.data), e.data, '{}')) j
       WHERE e.id > ? AND e.id <= ? AND e.type <> 'agent.model.chunk' AND j.type = 'text' GROUP BY e.id`,
      ...[upto, to],
    );
    this.#engine.run("UPDATE locus_indexed SET upto = ?", to);
    return to < orders;
  }

  /** Indexes some, as a transaction of its own. */
  catchUp(): boolean {
    return this.#engine.transaction(() => {
      const { orders } = this.#engine.one<{ orders: number }>("SELECT orders FROM locus_meta")!;
      return this.step(orders);
    });
  }

  find(words: string, before: number, limit: number): Hit[] {
    return this.#engine.all(
      `SELECT s.rowid AS id, e.run FROM locus_search s JOIN locus_events e ON e.id = s.rowid
       WHERE locus_search MATCH ? AND s.rowid < ? ORDER BY s.rowid DESC LIMIT ?`,
      ...[toQuery(words), before, limit],
    );
  }

  hasSince(words: string, run: number, order: number): boolean {
    return this.#engine.one(
      `SELECT 1 FROM locus_search s JOIN locus_events e ON e.id = s.rowid
       WHERE locus_search MATCH ? AND s.rowid >= ? AND e.run = ? LIMIT 1`,
      ...[toQuery(words), order, run],
    ) !== undefined;
  }
}

/** Words as FTS5 takes them: nothing of what somebody writes is syntax. */
function toQuery(words: string): string {
  const quoted = wordsOf(words).map((word) => `"${word.replaceAll('"', '""')}"`);
  return `${quoted.join(" ")}*`;
}

/** The words of what somebody looks for. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s\0]+/u).filter(Boolean);
}

const TABLES = `
CREATE VIRTUAL TABLE IF NOT EXISTS locus_search USING fts5(text, content='', contentless_delete=1);
CREATE TABLE IF NOT EXISTS locus_indexed(one INTEGER PRIMARY KEY CHECK(one = 1), upto INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO locus_indexed VALUES(1, 0);
CREATE TRIGGER IF NOT EXISTS locus_unindex AFTER DELETE ON locus_events BEGIN
  DELETE FROM locus_search WHERE rowid = old.id;
END`;
// Events that one transaction indexes: some milliseconds.
const AT_ONCE = 500;
// What is searched of one event.
const MAX_CHARS = 100_000;
