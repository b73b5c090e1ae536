/**
 * Tests for what a retriever is put together from: {@linkcode vectorStoreCases} are the promises of a vector store,
 * {@linkcode hashEmbedder} embeds without a model.
 *
 * @example Test a store of your own
 * ```ts
 * import { InMemoryVectorStore } from "@locus/core/rag";
 * import { vectorStoreCases } from "@locus/core/rag/testing";
 * import { test } from "node:test";
 *
 * const create = () => new InMemoryVectorStore({ dimensions: 4 });
 * for (const { name, run } of vectorStoreCases(create, 4)) test(`my store ${name}`, run);
 * ```
 *
 * @module
 */

export { hashEmbedder } from "./hash_embedder.ts";
export type { HashEmbedderOptions } from "./hash_embedder.ts";
export { vectorStoreCases } from "./vector_store_cases.ts";
export type { VectorStoreCase } from "./vector_store_cases.ts";
