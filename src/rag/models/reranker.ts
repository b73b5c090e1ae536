import { describe, hasMethod } from "../../core/describe.ts";
import type { Reranker, ScoredChunk } from "../contracts.ts";

/** What is needed of a reranking model of the AI SDK, such as `cohere.reranking("rerank-v3.5")`. */
export interface RerankingModel {
  /** Who makes it. */
  readonly provider: string;
  /** What its maker calls it. */
  readonly modelId: string;
  /** Says how well documents fit a question. */
  // A method, so that models with narrower types are one.
  doRerank(options: {
    documents: { type: "text"; values: string[] };
    query: string;
    topN?: number;
    abortSignal?: AbortSignal;
  }): PromiseLike<{ ranking: readonly { index: number; relevanceScore: number }[] }>;
}

/**
 * Makes a reranker of a reranking model of the AI SDK. {@linkcode retriever} does so by itself.
 *
 * @throws {TypeError} If it is not a reranking model.
 */
export function toReranker(model: RerankingModel): Reranker {
  if (!hasMethod(model, "doRerank")) {
    throw new TypeError(`toReranker(): expected a reranking model, got ${describe(model)}`);
  }
  return {
    type: `${model.provider}:${model.modelId}`,
    async rerank(query, hits, { limit, signal }) {
      const values = hits.map(({ chunk }) => chunk.content);
      const { ranking } = await model.doRerank({
        documents: { type: "text", values },
        query,
        topN: limit,
        abortSignal: signal,
      });
      // What names no document is left out.
      return ranking?.flatMap((ranked): ScoredChunk[] => {
        const chunk = hits[ranked?.index]?.chunk;
        return chunk === undefined ? [] : [{ chunk, score: ranked.relevanceScore }];
      });
    },
  };
}
