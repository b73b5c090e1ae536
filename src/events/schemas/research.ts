import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { ResearchClaim, ResearchEvents } from "../catalogue/research.ts";
import {
  count,
  flag,
  free,
  ordinal,
  ratio,
  type SchemaRecord,
  text,
  textOrNull,
} from "./_fields.ts";

const error = textOrNull.optional();
const source = z.looseObject({
  fact_id: text,
  source: text,
  tool_span_id: textOrNull,
  start: count,
  end: count,
});
const citations: z.ZodType<readonly ResearchClaim[] | undefined> = z.array(
  z.looseObject({ claim_preview: text, score: ratio, sources: z.array(source) }),
).optional();

/** The schema of every `research.*` payload. */
export const researchSchemas: SchemaRecord<ResearchEvents> = {
  "research.execute.started": z.looseObject({ prompt_preview: text, replan: count, ...spanPair }),
  "research.execute.completed": z.looseObject({ fact_count: count, error, ...spanPair }),
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
    citations,
    ...inSpan,
  }),
  "research.regenerate.started": z.looseObject({ ungrounded_count: count, ...spanPair }),
  "research.regenerate.completed": z.looseObject({ regeneration: ordinal, error, ...spanPair }),
  "research.replan": z.looseObject({
    replan: ordinal,
    ungrounded_count: count,
    prompt_preview: text,
    ...inSpan,
  }),
  "research.completed": free,
};
