/** What a query says on the bus. */

import { publishContent } from "../../content/publish_content.ts";
import { summarize } from "../../core/error_text.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { enterSpan } from "../../core/run/span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import type { Hit } from "./hit.ts";
import type { Query } from "./query.ts";
import type { SearchParts } from "./search.ts";
import type { Stages } from "./stages.ts";

/** Runs a search as a span of a run: `rag.query.started` and `rag.query.completed`, however it ends. */
export async function inQuerySpan(
  run: AnyRun | undefined,
  { store, keywords, reranker }: SearchParts,
  { text, limit, threshold }: Query,
  stages: Stages,
  work: () => Promise<Hit[]>,
): Promise<Hit[]> {
  if (run === undefined) return await work();
  const span_id = randomHex(16);
  const pair = { store_type: store.storeType, span_id, parent_span_id: run.spanId };
  run.emit("rag.query.started", {
    query_preview: defaultRedactor().preview(text, PREVIEW_LENGTH),
    limit,
    threshold,
    mode: keywords === null ? "vector" : "hybrid",
    ...pair,
  });
  publishContent(run, { span_id, direction: "input" }, "text", text);
  const start = performance.now();
  const complete = (hits: readonly Hit[], error: string | null) =>
    run.emit("rag.query.completed", {
      hit_count: hits.length,
      top_score: hits[0]?.score ?? null,
      duration_ms: performance.now() - start,
      reranker_type: reranker?.type ?? null,
      score_kind: reranker !== null ? "rerank" : keywords !== null ? "fused" : "vector",
      stages: stages.done,
      error,
      ...pair,
    });
  try {
    const hits = await enterSpan(run, span_id, work);
    publishContent(run, { span_id, direction: "output" }, "documents", hits.map(documentOf));
    complete(hits, null);
    return hits;
  } catch (error) {
    complete([], summarize(error));
    throw error;
  }
}

/** A document as content shows it: where it is from, to the character. */
export function documentOf({ chunk, score, scores }: Hit) {
  const { id, source_id, start, end, headings, title, uri, metadata, content: text } = chunk;
  return { id, source_id, start, end, score, scores, headings, title, uri, metadata, text };
}

const PREVIEW_LENGTH = 160;
