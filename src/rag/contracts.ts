/** What a retriever is put together from. Bring your own: the names say what is expected of each. */

import type { Filter } from "./filter.ts";
import type { Chunk } from "./source.ts";

/** Makes vectors of texts. {@linkcode toEmbedder} makes one of an embedding model of the AI SDK. */
export interface Embedder {
  /** Tells models apart: what another embedder has made is embedded again. */
  readonly id: string;
  /** How many texts it takes at a time. */
  readonly maxBatch: number;
  /** One vector for each text, in their order. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly Vector[]>;
}

/** Options of {@linkcode Embedder.embed}. */
export interface EmbedOptions {
  /** Some models embed questions and what answers them differently. */
  readonly for: "query" | "document";
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal;
}

/** A direction of meaning. */
export type Vector = Float32Array | readonly number[];

/** What a vector store keeps. */
export interface VectorRow {
  /** The text, and where it is from. */
  readonly chunk: Chunk;
  /** Its direction, of the length that the store has. */
  readonly vector: Vector;
  /** The id of the embedder that made the vector. */
  readonly embedder: string;
}

/** Which rows are meant. */
export type Selection =
  | { readonly ids: readonly string[] }
  | { readonly source: string }
  | { readonly filter: Filter };

/** What is looked for. */
export interface SearchOptions {
  /** How many at most. */
  readonly limit: number;
  /** Only chunks whose metadata passes. Applied before the search, so it costs no hits. */
  readonly filter?: Filter;
  /** Only chunks of at least this score. */
  readonly threshold?: number;
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal;
}

/** A chunk that was found. */
export interface ScoredChunk {
  /** The chunk. */
  readonly chunk: Chunk;
  /** Higher is better. */
  readonly score: number;
}

/**
 * Keeps chunks with their vectors, and finds the nearest. {@linkcode InMemoryVectorStore} is one; test yours with
 * `vectorStoreCases()` of `@locus/core/rag/testing`.
 */
export interface VectorStore {
  /** The kind of store, as events name it. Not the name of the class, which minifiers change. */
  readonly storeType: string;
  /** The length of its vectors. A vector of another length is refused with an error that names both. */
  readonly dimensions: number;
  /** Adds rows; those with the id of one that is there replace it. */
  upsert(rows: readonly VectorRow[]): Promise<void>;
  /** The nearest by cosine similarity, best first; equal ones by id. */
  query(vector: Vector, options: SearchOptions): Promise<readonly ScoredChunk[]>;
  /** The rows that are meant, in any order; ids that are not there are left out. Vectors may be normalized. */
  rows(what: Selection): Promise<readonly VectorRow[]>;
  /** Removes what is meant. @returns How many rows that were. */
  delete(what: Selection): Promise<number>;
  /** How many rows there are. */
  count(filter?: Filter): Promise<number>;
}

/** Finds chunks by their words. {@linkcode InMemoryKeywordIndex} is one. */
export interface KeywordIndex {
  /** Adds chunks; those with the id of one that is there replace it. */
  upsert(chunks: readonly Chunk[]): Promise<void>;
  /** The best matches, best first; equal ones by id. Chunks without any of the words are left out. */
  query(text: string, options: SearchOptions): Promise<readonly ScoredChunk[]>;
  /** Removes what is meant. @returns How many chunks that were. */
  delete(what: Selection): Promise<number>;
}

/** Sorts what was found once more. {@linkcode toReranker} makes one of a reranking model of the AI SDK. */
export interface Reranker {
  /** The kind of reranker, as events name it. */
  readonly type: string;
  /** The best of `hits`, best first, with their new scores. */
  rerank(
    query: string,
    hits: readonly ScoredChunk[],
    options: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<readonly ScoredChunk[]>;
}
