/**
 * What retrieval says.
 *
 * @module
 */

import type { SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** A query is about to be embedded and searched. */
export interface RagQueryStarted extends SpanPair {
  /** The start of the query, at most 160 characters. */
  query_preview: string;
  /** How many documents are wanted at most. */
  limit: number;
  /** Name of the kind of store, such as `InMemoryVectorStore`. */
  store_type: string;
  /** The least score that a document must have; null if any will do. */
  threshold: number | null;
  /** Whether it is searched by meaning alone, or by words as well. */
  mode?: "vector" | "hybrid";
}

/** A query was answered or failed. */
export interface RagQueryCompleted extends SpanPair {
  /** How many documents were found; 0 if the query failed. */
  hit_count: number;
  /** The best document's score, on the store's own scale; null if none was found. */
  top_score: number | null;
  /** For embedding, searching and ranking together, in milliseconds. */
  duration_ms: number;
  /** Name of the kind of store. */
  store_type: string;
  /** Name of the kind of reranker; null if there is none. */
  reranker_type?: string | null;
  /** The stage whose scale `top_score` is on. */
  score_kind?: "vector" | "fused" | "rerank";
  /** The stages that were finished, in the order in which they were; searching by words goes on beside the first two. */
  stages?: readonly RagStage[];
  /** `<ErrorName>: <first line>` of what the query failed with; null if it did not. */
  error?: string | null;
}

/** One stage of a query. */
export interface RagStage {
  /** `embed`, `vector`, `keyword`, `rerank` or `diversify`. */
  name: string;
  /** How many came out of it. */
  count: number;
  /** How long it took, in milliseconds. */
  duration_ms: number;
}

/** The payload of every `rag.*` event. */
export type RagEvents = {
  "rag.query.started": RagQueryStarted;
  "rag.query.completed": RagQueryCompleted;
};

/** The documentation of every `rag.*` event. */
export const ragEvents: EventRows<RagEvents> = {
  "rag.query.started": {
    summary: "A query is about to be embedded and searched.",
    pairs_with: "rag.query.completed",
  },
  "rag.query.completed": {
    summary: "A query was answered or failed.",
    pairs_with: "rag.query.started",
  },
};
