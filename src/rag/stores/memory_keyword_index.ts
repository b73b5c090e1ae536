import type { KeywordIndex, ScoredChunk, SearchOptions, Selection } from "../contracts.ts";
import { matcher } from "../filter.ts";
import type { Chunk } from "../source.ts";
import { Best } from "./best.ts";
import { selector } from "./selector.ts";
import { wordsOf } from "./words.ts";

interface Entry {
  readonly chunk: Chunk;
  /** How often each word is in it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/**
 * Words in memory, ranked by BM25: rare words count more than common ones, and long chunks not more than short ones.
 *
 * Give it to {@linkcode retriever} as `keywords` for names, codes and numbers that an embedding model does not know.
 */
export class InMemoryKeywordIndex implements KeywordIndex {
  readonly #entries = new Map<string, Entry>();
  /** Which entries a word is in. */
  readonly #postings = new Map<string, Set<Entry>>();
  #length = 0;

  // deno-lint-ignore require-await
  async upsert(chunks: readonly Chunk[]): Promise<void> {
    for (const chunk of chunks) {
      this.#remove(chunk.id);
      const counts = new Map<string, number>();
      const words = wordsOf(chunk.content);
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      const entry: Entry = { chunk, counts, length: words.length };
      this.#entries.set(chunk.id, entry);
      this.#length += entry.length;
      for (const word of counts.keys()) {
        const posting = this.#postings.get(word);
        if (posting === undefined) this.#postings.set(word, new Set([entry]));
        else posting.add(entry);
      }
    }
  }

  // deno-lint-ignore require-await
  async query(text: string, options: SearchOptions): Promise<readonly ScoredChunk[]> {
    const { limit, filter, threshold, signal } = options;
    signal?.throwIfAborted();
    const passes = filter === undefined ? null : matcher(filter);
    const scores = new Map<Entry, number>();
    const average = this.#length / this.#entries.size;
    for (const word of new Set(wordsOf(text))) {
      const posting = this.#postings.get(word);
      if (posting === undefined) continue;
      const rarity = Math.log(1 + (this.#entries.size - posting.size + 0.5) / (posting.size + 0.5));
      for (const entry of posting) {
        const count = entry.counts.get(word)!;
        const weight = count * (K1 + 1) / (count + K1 * (1 - B + B * entry.length / average));
        scores.set(entry, (scores.get(entry) ?? 0) + rarity * weight);
      }
    }
    const best = new Best(limit, threshold);
    for (const [{ chunk }, score] of scores) {
      if (score >= best.floor && (passes === null || passes(chunk.metadata))) {
        best.offer(chunk, score);
      }
    }
    return best.take();
  }

  // deno-lint-ignore require-await
  async delete(what: Selection): Promise<number> {
    const isMeant = selector(what);
    const ids = "ids" in what
      ? [...new Set(what.ids)].filter((id) => this.#entries.has(id))
      : [...this.#entries.values()].filter(({ chunk }) => isMeant(chunk)).map(({ chunk }) =>
        chunk.id
      );
    for (const id of ids) this.#remove(id);
    return ids.length;
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#length -= entry.length;
    for (const word of entry.counts.keys()) {
      const posting = this.#postings.get(word)!;
      posting.delete(entry);
      if (posting.size === 0) this.#postings.delete(word);
    }
  }
}

// How fast a repeated word saturates, and how much length counts: the values of the literature.
const K1 = 1.2;
const B = 0.75;
