import { describe } from "../../core/describe.ts";
import { abortable } from "../../core/waits.ts";
import type { Embedder, KeywordIndex, Reranker, ScoredChunk, VectorStore } from "../contracts.ts";
import { byScore } from "../stores/best.ts";
import { normalized } from "../stores/vectors.ts";
import { diversify } from "./diversify.ts";
import { fuse } from "./fuse.ts";
import type { Hit, Scores } from "./hit.ts";
import type { Query } from "./query.ts";
import type { Stages } from "./stages.ts";

/** What searches. */
export interface SearchParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly keywords: KeywordIndex | null;
  readonly reranker: Reranker | null;
}

/** By vector and by words, fused, reranked, made diverse: what there is of that, in this order. */
export async function search(parts: SearchParts, query: Query, stages: Stages): Promise<Hit[]> {
  const { store, keywords, reranker } = parts;
  const { text, limit, filter, threshold, minScore, diversity, signal } = query;
  const isOneStage = keywords === null && reranker === null && diversity === null;
  const pool = isOneStage ? limit : Math.max(limit, query.pool);
  const [near, matching] = await Promise.all([
    embedAndQuery(),
    keywords === null ? null : find(
      "keyword",
      "KeywordIndex",
      () => keywords.query(text, { limit: pool, filter, signal }),
    ),
  ]);
  let hits: readonly Hit[] = matching === null
    ? near.map(({ chunk, score }) => ({ chunk, score, scores: { vector: score } }))
    : fuse(near, matching).slice(0, pool);
  // Models refuse to sort nothing.
  if (reranker !== null && hits.length > 0) hits = await rerank(reranker, hits);
  if (minScore !== null) hits = hits.filter(({ score }) => score >= minScore);
  if (diversity !== null && hits.length > 1) {
    const picked = hits;
    hits = await stages.run("diversify", () => pickDiverse(picked, diversity));
  }
  return hits.slice(0, limit);

  async function embedAndQuery(): Promise<readonly ScoredChunk[]> {
    const [vector] = await stages.run(
      "embed",
      () => embed(parts.embedder, [text], "query", signal),
    );
    const options = { limit: pool, filter, threshold: threshold ?? undefined, signal };
    return await find("vector", store.storeType, () => store.query(vector!, options));
  }

  async function rerank(reranker: Reranker, found: readonly Hit[]): Promise<readonly Hit[]> {
    const before = new Map<string, Scores>(found.map(({ chunk, scores }) => [chunk.id, scores]));
    // Diversity needs something to choose from.
    const wanted = diversity === null ? limit : found.length;
    const ranked = await find(
      "rerank",
      reranker.type,
      () => reranker.rerank(text, found, { limit: wanted, signal }),
      before,
    );
    return ranked.map(({ chunk, score }): Hit => (
      { chunk, score, scores: { ...before.get(chunk.id), rerank: score } }
    )).sort(byScore);
  }

  async function find(
    stage: string,
    who: string,
    step: () => Promise<readonly ScoredChunk[]>,
    known?: ReadonlyMap<string, unknown>,
  ): Promise<readonly ScoredChunk[]> {
    return await stages.run(stage, async () => checkFound(who, await step(), known));
  }

  async function pickDiverse(found: readonly Hit[], diversity: number): Promise<Hit[]> {
    const rows = await store.rows({ ids: found.map(({ chunk }) => chunk.id) });
    const vectors = rows.map(({ chunk, vector }) =>
      [chunk.id, normalized("VectorStore", vector, store.dimensions)] as const
    );
    return diversify(found, new Map(vectors), diversity, limit);
  }
}

/**
 * What a part found, each chunk once.
 *
 * @param known What there was to choose from: a reranker that brings others would pass the filter by.
 * @throws {TypeError} If it is no list of such chunks with scores.
 */
function checkFound(
  who: string,
  found: unknown,
  known?: ReadonlyMap<string, unknown>,
): readonly ScoredChunk[] {
  if (!Array.isArray(found)) throw new TypeError(`${who}: expected a list, got ${describe(found)}`);
  const ids = new Set<string>();
  return (found as ScoredChunk[]).filter((hit) => {
    const id = hit?.chunk?.id;
    if (typeof id !== "string" || known?.has(id) === false) {
      throw new TypeError(
        `${who}: expected chunks that it was given or keeps, got ${describe(id)}`,
      );
    }
    if (!Number.isFinite(hit.score)) {
      throw new TypeError(
        `${who}: the score of "${id}" must be a number, got ${describe(hit.score)}`,
      );
    }
    return ids.size < ids.add(id).size;
  });
}

/** One vector for each text; an embedder that loses some is found out. */
export async function embed(
  embedder: Embedder,
  texts: readonly string[],
  use: "query" | "document",
  signal: AbortSignal | undefined,
) {
  const vectors = await abortable(
    Promise.resolve(embedder.embed(texts, { for: use, signal })),
    signal,
  );
  if (vectors?.length === texts.length) return vectors;
  const got = vectors?.length ?? describe(vectors);
  throw new Error(`Embedder "${embedder.id}": expected ${texts.length} vectors, got ${got}`);
}
