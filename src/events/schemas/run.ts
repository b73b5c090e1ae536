import { z } from "zod";
import type { RunEvents } from "../catalogue/run.ts";
import { dictionary, duration, flag, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `run.*` payload. */
export const runSchemas: SchemaRecord<RunEvents> = {
  "run.started": z.looseObject({
    name: textOrNull,
    parent_run_id: textOrNull,
    parent_span_id: textOrNull,
    input_preview: text,
    tags: z.record(text, text),
    metadata: dictionary,
    resumed: flag.optional(),
  }),
  "run.completed": z.looseObject({
    outcome: z.enum(["ok", "error", "cancelled", "waiting"]),
    error: textOrNull,
    duration_ms: duration,
  }),
};
