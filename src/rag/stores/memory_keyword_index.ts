import type { KeywordIndex, ScoredChunk, SearchOptions, Selection } from "../contracts.ts";
import { matcher } from "../filter.ts";
import type { Chunk } from "../source.ts";
import { Best } from "./best.ts";
import { selector } from "./selector.ts";
import { wordsOf } from "./words.ts";

interface Row {
  readonly chunk: Chunk;
  /** What was indexed, whatever becomes of the chunk. */
  readonly text: string;
  /** How many words it has. */
  readonly length: number;
}

/** Where a word is. */
interface Posting {
  /** The number of a row, and how often the word is in it, in turns. Rows that were removed are still there. */
  at: number[];
  /** How many rows it is in. */
  count: number;
}

/**
 * Words in memory, ranked by BM25: rare words count more than common ones, and long chunks not more than short ones.
 *
 * Give it to {@linkcode retriever} as `keywords` for names, codes and numbers that an embedding model does not know.
 */
export class InMemoryKeywordIndex implements KeywordIndex {
  // A removed row leaves a hole, until there are more holes than rows: postings are too long to look through each time.
  #rows: (Row | undefined)[] = [];
  readonly #byId = new Map<string, number>();
  readonly #postings = new Map<string, Posting>();
  #length = 0;

  // deno-lint-ignore require-await
  async upsert(chunks: readonly Chunk[]): Promise<void> {
    for (const chunk of chunks) {
      this.#remove(chunk.id);
      const words = wordsOf(chunk.content);
      const counts = new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      const row = this.#rows.push({ chunk, text: chunk.content, length: words.length }) - 1;
      this.#byId.set(chunk.id, row);
      this.#length += words.length;
      for (const [word, count] of counts) {
        const posting = this.#postings.get(word);
        if (posting === undefined) this.#postings.set(word, { at: [row, count], count: 1 });
        else {
          posting.at.push(row, count);
          posting.count++;
        }
      }
    }
  }

  // deno-lint-ignore require-await
  async query(text: string, options: SearchOptions): Promise<readonly ScoredChunk[]> {
    const { limit, filter, threshold, signal } = options;
    signal?.throwIfAborted();
    const passes = filter === undefined ? null : matcher(filter);
    const rows = this.#rows;
    const scores = new Float64Array(rows.length);
    const { size } = this.#byId;
    const average = this.#length / size;
    for (const word of new Set(wordsOf(text))) {
      const posting = this.#postings.get(word);
      if (posting === undefined) continue;
      const rarity = Math.log(1 + (size - posting.count + 0.5) / (posting.count + 0.5));
      const { at } = posting;
      for (let i = 0; i < at.length; i += 2) {
        const row = rows[at[i]!];
        if (row === undefined) continue;
        const count = at[i + 1]!;
        const weight = count * (K1 + 1) / (count + K1 * (1 - B + B * row.length / average));
        scores[at[i]!]! += rarity * weight;
      }
    }
    const best = new Best(limit, threshold);
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      if (score === 0 || score < best.floor) continue;
      const { chunk } = rows[i]!;
      if (passes === null || passes(chunk.metadata)) best.offer(chunk, score);
    }
    return best.take();
  }

  // deno-lint-ignore require-await
  async delete(what: Selection): Promise<number> {
    const isMeant = selector(what);
    const ids = "ids" in what
      ? [...new Set(what.ids)].filter((id) => this.#byId.has(id))
      : [...this.#byId].filter(([, row]) => isMeant(this.#rows[row]!.chunk)).map(([id]) => id);
    for (const id of ids) this.#remove(id);
    return ids.length;
  }

  #remove(id: string): void {
    const at = this.#byId.get(id);
    if (at === undefined) return;
    const { text, length } = this.#rows[at]!;
    this.#rows[at] = undefined;
    this.#byId.delete(id);
    this.#length -= length;
    for (const word of new Set(wordsOf(text))) {
      if (--this.#postings.get(word)!.count === 0) this.#postings.delete(word);
    }
    if (this.#rows.length > 2 * this.#byId.size + MIN_HOLES) this.#closeHoles();
  }

  #closeHoles(): void {
    const moved = new Map([...this.#byId.values()].sort((a, b) => a - b).map((row, i) => [row, i]));
    for (const posting of this.#postings.values()) {
      const { at } = posting;
      posting.at = [];
      for (let i = 0; i < at.length; i += 2) {
        const row = moved.get(at[i]!);
        if (row !== undefined) posting.at.push(row, at[i + 1]!);
      }
    }
    this.#rows = this.#rows.filter((row) => row !== undefined);
    for (const [id, row] of this.#byId) this.#byId.set(id, moved.get(row)!);
  }
}

// How fast a repeated word saturates, and how much length counts: the values of the literature.
const K1 = 1.2;
const B = 0.75;
const MIN_HOLES = 1000;
