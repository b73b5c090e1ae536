import { z } from "zod";
import type { DeepagentEvents } from "../catalogue/deepagent.ts";
import { count, duration, flag, type SchemaRecord, text } from "./_fields.ts";

/** The schema of every `deepagent.*` payload. */
export const deepagentSchemas: SchemaRecord<DeepagentEvents> = {
  "deepagent.subagent.spawned": z.looseObject({
    subagent_type: text,
    description_preview: text,
    max_iterations: count,
  }),
  "deepagent.subagent.completed": z.looseObject({
    subagent_type: text,
    output_length: count,
    duration_ms: duration,
    success: flag,
  }),
  "deepagent.fs.read": z.looseObject({ path: text, byte_count: count }),
  "deepagent.fs.write": z.looseObject({ path: text, byte_count: count }),
  "deepagent.todo.added": z.looseObject({ content: text, status: text }),
  "deepagent.todo.completed": z.looseObject({ content: text, status: text }),
};
