import type { Engine } from "./engine.ts";
import { type Hit, type Search, SearchIndex, wordsOf } from "./search_index.ts";

/**
 * Search in a file that is only read: in its index where that has everything, else in the texts themselves. There, a word
 * may occur anywhere in them, and only A to Z are the same as a to z.
 */
export class ReadingSearch implements Search {
  readonly #engine: Engine;
  readonly #index: SearchIndex;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#index = new SearchIndex(engine);
  }

  catchUp(): boolean {
    return false;
  }

  find(words: string, before: number, limit: number): Hit[] {
    if (this.#isIndexed) return this.#index.find(words, before, limit);
    return this.#engine.all(
      `SELECT id, run FROM locus_events e WHERE id < ? AND ${MATCHES} ORDER BY id DESC LIMIT ?`,
      ...[before, toList(words), limit],
    );
  }

  hasSince(words: string, run: number, order: number): boolean {
    if (this.#isIndexed) return this.#index.hasSince(words, run, order);
    return this.#engine.one(
      `SELECT 1 FROM locus_events e WHERE id >= ? AND ${MATCHES} AND run = ? LIMIT 1`,
      ...[order, toList(words), run],
    ) !== undefined;
  }

  get #isIndexed(): boolean {
    const table = "SELECT 1 FROM sqlite_schema WHERE name = 'locus_indexed'";
    if (this.#engine.one(table) === undefined) return false;
    const all = "SELECT 1 FROM locus_indexed, locus_meta WHERE upto >= orders";
    return this.#engine.one(all) !== undefined;
  }
}

// Every word occurs in some text of the event: none is missing in all of them. Chunks of a model's text are not searched.
const MATCHES = `e.type <> 'agent.model.chunk' AND json_valid(e.data) AND NOT EXISTS(
  SELECT 1 FROM json_each(?) word WHERE NOT EXISTS(
    SELECT 1 FROM json_tree(e.data) text WHERE text.type = 'text' AND instr(lower(text.value), word.value)))`;

function toList(words: string): string {
  return JSON.stringify(
    wordsOf(words).map((word) => word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  );
}
