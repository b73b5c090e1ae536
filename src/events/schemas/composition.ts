import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { CompositionEvents } from "../catalogue/composition.ts";
import { count, duration, flag, type SchemaRecord } from "./_fields.ts";

const sequential = z.literal("sequential");

/** The schema of every `composition.*` payload. */
export const compositionSchemas: SchemaRecord<CompositionEvents> = {
  "composition.stage.started": z.looseObject({
    pipeline_kind: sequential,
    stage: count,
    stage_count: count,
    ...spanPair,
  }),
  "composition.stage.completed": z.looseObject({
    pipeline_kind: sequential,
    stage: count,
    output_length: count,
    duration_ms: duration,
    success: flag,
    ...spanPair,
  }),
  "composition.fanout.started": z.looseObject({
    agent_count: count,
    merge_strategy: z.enum(["concatenate", "last"]),
    ...spanPair,
  }),
  "composition.fanout.completed": z.looseObject({
    success_count: count,
    error_count: count,
    duration_ms: duration,
    ...spanPair,
  }),
  "composition.loop.iteration.started": z.looseObject({ iteration: count, ...spanPair }),
  "composition.loop.iteration.completed": z.looseObject({
    iteration: count,
    output_length: count,
    duration_ms: duration,
    ...spanPair,
  }),
  "composition.loop.terminated": z.looseObject({
    iterations_run: count,
    terminated_by: z.enum(["condition", "max_loops", "error"]),
    ...inSpan,
  }),
};
