import { z } from "zod";
import { spanPair } from "./_places.ts";
import type { RagEvents } from "../catalogue/rag.ts";
import { count, duration, numberOrNull, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `rag.*` payload. */
export const ragSchemas: SchemaRecord<RagEvents> = {
  "rag.query.started": z.looseObject({
    query_preview: text,
    limit: count,
    store_type: text,
    threshold: numberOrNull,
    mode: z.enum(["vector", "hybrid"]).optional(),
    ...spanPair,
  }),
  "rag.query.completed": z.looseObject({
    hit_count: count,
    top_score: numberOrNull,
    duration_ms: duration,
    store_type: text,
    reranker_type: textOrNull.optional(),
    score_kind: z.enum(["vector", "fused", "rerank"]).optional(),
    stages: z.array(z.looseObject({ name: text, count, duration_ms: duration })).optional(),
    error: textOrNull.optional(),
    ...spanPair,
  }),
};
