import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { DeepagentEvents } from "../catalogue/deepagent.ts";
import { count, duration, flag, type SchemaRecord, text } from "./_fields.ts";

/** The schema of every `deepagent.*` payload. */
export const deepagentSchemas: SchemaRecord<DeepagentEvents> = {
  "deepagent.subagent.spawned": z.looseObject({
    subagent_type: text,
    description_preview: text,
    max_iterations: count,
    ...spanPair,
  }),
  "deepagent.subagent.completed": z.looseObject({
    subagent_type: text,
    output_length: count,
    duration_ms: duration,
    success: flag,
    ...spanPair,
  }),
  "deepagent.fs.read": z.looseObject({ path: text, byte_count: count, ...inSpan }),
  "deepagent.fs.write": z.looseObject({ path: text, byte_count: count, ...inSpan }),
  "deepagent.todo.added": z.looseObject({ content: text, status: text, ...inSpan }),
  "deepagent.todo.completed": z.looseObject({ content: text, status: text, ...inSpan }),
};
