import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { ResearchEvents } from "../catalogue/research.ts";
import { count, flag, free, ordinal, ratio, type SchemaRecord, text } from "./_fields.ts";

/** The schema of every `research.*` payload. */
export const researchSchemas: SchemaRecord<ResearchEvents> = {
  "research.execute.started": z.looseObject({ prompt_preview: text, replan: count, ...spanPair }),
  "research.execute.completed": z.looseObject({ fact_count: count, ...spanPair }),
  "research.causal.built": z.looseObject({
    node_count: count,
    hypothesis_preview: text,
    confidence: ratio,
    ...inSpan,
  }),
  "research.summarize.completed": z.looseObject({
    summary_length: count,
    has_structured_output: flag,
    ...inSpan,
  }),
  "research.grounding.evaluated": z.looseObject({
    score: ratio,
    claims_evaluated: count,
    ungrounded_count: count,
    requires_replan: flag,
    ...inSpan,
  }),
  "research.regenerate.started": z.looseObject({ ungrounded_count: count, ...spanPair }),
  "research.regenerate.completed": z.looseObject({ regeneration: ordinal, ...spanPair }),
  "research.replan": z.looseObject({
    replan: ordinal,
    ungrounded_count: count,
    prompt_preview: text,
    ...inSpan,
  }),
  "research.completed": free,
};
