/** What a query says on the bus. */

import { publishContent } from "../../content/publish_content.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { enterSpan } from "../../core/run/span.ts";
import { beginPair, inTold } from "../../core/run/told_span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import type { Hit } from "./hit.ts";
import type { Query } from "./query.ts";
import type { SearchParts } from "./search.ts";
import type { Stages } from "./stages.ts";

/** Runs a search as a span of a run: `rag.query.started` and `rag.query.completed`, however it ends. */
export async function inQuerySpan(
  outer: AnyRun | undefined,
  { store, keywords, reranker }: SearchParts,
  { text, limit, threshold }: Query,
  stages: Stages,
  work: () => Promise<readonly Hit[]>,
): Promise<readonly Hit[]> {
  const start = performance.now();
  const endOf = (hits: readonly Hit[], error: string | null) => ({
    hit_count: hits.length,
    top_score: hits[0]?.score ?? null,
    duration_ms: performance.now() - start,
    reranker_type: reranker?.type ?? null,
    score_kind: reranker !== null ? "rerank" : keywords !== null ? "fused" : "vector",
    stages: stages.done,
    error,
  });
  const begin = beginPair<ReturnType<typeof endOf>>(
    ["rag.query.started", "rag.query.completed"],
    { store_type: store.storeType },
    {
      query_preview: defaultRedactor().preview(text, PREVIEW_LENGTH),
      limit,
      threshold,
      mode: keywords === null ? "vector" : "hybrid",
    },
  );
  return await inTold(outer, begin, (error) => endOf([], error), async ({ id: span_id }) => {
    if (outer === undefined || span_id === null) return [await work(), endOf([], null)];
    publishContent(outer, { span_id, direction: "input" }, "text", text);
    const hits = await enterSpan(outer, span_id, work);
    publishContent(outer, { span_id, direction: "output" }, "documents", hits.map(documentOf));
    return [hits, endOf(hits, null)];
  });
}

/** A document as content shows it: where it is from, to the character. */
export function documentOf({ chunk, score, scores }: Hit) {
  const { id, source_id, start, end, headings, title, uri, metadata, content: text } = chunk;
  return { id, source_id, start, end, score, scores, headings, title, uri, metadata, text };
}

const PREVIEW_LENGTH = 160;
