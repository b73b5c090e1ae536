import type { Chunk } from "../source.ts";

/** A document that was found: a chunk, with what it was ranked by. */
export interface Hit {
  /** What was found. */
  readonly chunk: Chunk;
  /** The score that decided, on the scale of the last stage. */
  readonly score: number;
  /** The score of each stage that it came through. */
  readonly scores: Scores;
}

/** Scores by stage. Higher is better, and each has a scale of its own. */
export interface Scores {
  /** Cosine similarity, -1 to 1. */
  readonly vector?: number;
  /** Of the keyword index; BM25 has no upper end. */
  readonly keyword?: number;
  /** Of both together: the sum of `1 / (60 + rank)`. */
  readonly fused?: number;
  /** Of the reranker. */
  readonly rerank?: number;
}
