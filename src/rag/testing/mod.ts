/**
 * Tests for what a retriever is put together from: {@linkcode vectorStoreCases} are the promises of a vector store,
 * {@linkcode hashEmbedder} embeds without a model.
 *
 * @example Test a store of your own
 * ```ts
 * import { InMemoryVectorStore } from "@locus/core/rag";
 * import { vectorStoreCases } from "@locus/core/rag/testing";
 *
 * const create = () => new InMemoryVectorStore({ dimensions: 4 });
 * for (const { run } of vectorStoreCases(create, 4)) await run(); // test(name, run)
 * ```
 *
 * @module
 */

export { hashEmbedder, type HashEmbedderOptions } from "./hash_embedder.ts";
export { type VectorStoreCase, vectorStoreCases } from "./vector_store_cases.ts";
