import type { ScoredChunk } from "../contracts.ts";
import type { Chunk } from "../source.ts";

/**
 * The best of many, without sorting them all: each that is good enough is inserted at its place. For a few out of
 * 100,000 that takes a third of the time of a sort.
 */
export class Best {
  readonly #limit: number;
  readonly #found: ScoredChunk[] = [];
  /** What is below cannot get in any more: ask before calling {@linkcode offer}. */
  floor: number;

  constructor(limit: number, threshold = -Infinity) {
    this.#limit = limit;
    this.floor = threshold;
  }

  offer(chunk: Chunk, score: number): void {
    const { length } = this.#found;
    let at = length;
    while (at > 0 && isBefore(chunk.id, score, this.#found[at - 1]!)) at--;
    if (at === this.#limit) return;
    this.#found.splice(at, 0, { chunk, score });
    if (length === this.#limit) this.#found.pop();
    if (this.#found.length === this.#limit) this.floor = this.#found.at(-1)!.score;
  }

  take(): readonly ScoredChunk[] {
    return this.#found;
  }
}

/** The order of everything that is found: the score, then the id, so that it is always the same. */
export function byScore(a: ScoredChunk, b: ScoredChunk): number {
  return b.score - a.score || (a.chunk.id < b.chunk.id ? -1 : a.chunk.id > b.chunk.id ? 1 : 0);
}

function isBefore(id: string, score: number, other: ScoredChunk): boolean {
  return score > other.score || (score === other.score && id < other.chunk.id);
}
