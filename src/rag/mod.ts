/**
 * Retrieval: finds what answers a question in your own documents, and says where it is from, to the character.
 *
 * {@linkcode retriever} puts it together: an embedding model of the AI SDK, a store ({@linkcode InMemoryVectorStore}, or a database behind
 * {@linkcode VectorStore}), and what you like of keywords, a reranker and a chunker. Inside of a run each query is on the bus, with the
 * documents and their scores where content is asked for.
 *
 * @example Index and ask
 * ```ts
 * import { InMemoryKeywordIndex, InMemoryVectorStore, retriever } from "@locus/core/rag";
 * import { hashEmbedder } from "@locus/core/rag/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const docs = retriever({
 *   embedder: hashEmbedder({ dimensions: 256 }), // In your program: an embedding model of the AI SDK.
 *   store: new InMemoryVectorStore({ dimensions: 256 }),
 *   keywords: new InMemoryKeywordIndex(),
 * });
 * const text = "# Gaps\n\nA gap says how many events were missed.";
 * assertEquals(await docs.index([{ id: "gaps.md", text }]), { added: 1, kept: 0, removed: 0 });
 *
 * const { documents } = await docs.retrieve("How many were missed?");
 * const { start, end, headings } = documents[0]!.chunk;
 * assertEquals(text.slice(start, end), text);
 * assertEquals(headings, ["Gaps"]);
 * ```
 *
 * @module
 */

export { chunker, type ChunkerOptions } from "./chunker/chunker.ts";
export type {
  Embedder,
  EmbedOptions,
  KeywordIndex,
  Reranker,
  ScoredChunk,
  SearchOptions,
  Selection,
  Vector,
  VectorRow,
  VectorStore,
} from "./contracts.ts";
export { type Condition, type Filter, matcher } from "./filter.ts";
export type { IndexReport } from "./index_sources.ts";
export { toEmbedder } from "./models/embedder.ts";
export type { EmbeddingModel, ModelOptions, ToEmbedderOptions } from "./models/embedder.ts";
export { type RerankingModel, toReranker } from "./models/reranker.ts";
export { knowledge, type KnowledgeOptions } from "./prompt/knowledge.ts";
export { documentsText, type DocumentsTextOptions } from "./prompt/spotlight.ts";
export { contextTool, knowledgeTools, lookupTool, searchTool } from "./prompt/tools.ts";
export type { SearchArguments, SearchToolOptions } from "./prompt/tools.ts";
export { type DocumentUse, findUses } from "./prompt/uses.ts";
export { retriever } from "./retriever.ts";
export type { IndexOptions, Retrieval, Retriever, RetrieverOptions } from "./retriever.ts";
export type { Hit, Scores } from "./search/hit.ts";
export type { RetrieveOptions } from "./search/query.ts";
export type { Chunk, Chunker, Metadata, MetadataValue, Source, SourceFormat } from "./source.ts";
export { InMemoryKeywordIndex } from "./stores/memory_keyword_index.ts";
export { InMemoryVectorStore } from "./stores/memory_vector_store.ts";
export type { InMemoryVectorStoreOptions } from "./stores/memory_vector_store.ts";
export { selector } from "./stores/selector.ts";
export { checkDimensions } from "./stores/vectors.ts";
