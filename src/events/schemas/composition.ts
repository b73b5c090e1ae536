import { z } from "zod";
import { beginning, inSpan, spanPair } from "./_places.ts";
import type { CompositionEvents } from "../catalogue/composition.ts";
import { count, duration, flag, type SchemaRecord, text, textOrNull } from "./_fields.ts";

const sequential = z.literal("sequential");
const ending = {
  status: z.enum(["completed", "failed", "interrupted"]).optional(),
  error: textOrNull.optional(),
  ...spanPair,
};

/** The schema of every `composition.*` payload. */
export const compositionSchemas: SchemaRecord<CompositionEvents> = {
  "composition.stage.started": z.looseObject({
    pipeline_kind: sequential,
    stage: count,
    stage_count: count,
    name: text.optional(),
    ...spanPair,
    ...beginning,
  }),
  "composition.stage.completed": z.looseObject({
    pipeline_kind: sequential,
    stage: count,
    output_length: count,
    duration_ms: duration,
    success: flag,
    ...ending,
  }),
  "composition.fanout.started": z.looseObject({
    agent_count: count,
    merge_strategy: z.enum(["concatenate", "last", "list"]),
    ...spanPair,
  }),
  "composition.fanout.completed": z.looseObject({
    success_count: count,
    error_count: count,
    interrupted_count: count.optional(),
    duration_ms: duration,
    ...spanPair,
  }),
  "composition.loop.iteration.started": z.looseObject({
    iteration: count,
    max_loops: count.optional(),
    ...spanPair,
    ...beginning,
  }),
  "composition.loop.iteration.completed": z.looseObject({
    iteration: count,
    output_length: count,
    duration_ms: duration,
    condition_met: z.union([flag, z.null()]).optional(),
    ...ending,
  }),
  "composition.loop.terminated": z.looseObject({
    iterations_run: count,
    terminated_by: z.enum(["condition", "max_loops", "error"]),
    duration_ms: duration.optional(),
    ...inSpan,
  }),
};
