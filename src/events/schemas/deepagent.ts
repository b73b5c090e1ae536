import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { DeepagentEvents } from "../catalogue/deepagent.ts";
import {
  count,
  countOrNull,
  duration,
  flag,
  type SchemaRecord,
  text,
  textOrNull,
} from "./_fields.ts";

const todo = z.looseObject({
  content: text,
  status: text,
  position: count.optional(),
  list_length: count.optional(),
  ...inSpan,
});

/** The schema of every `deepagent.*` payload. */
export const deepagentSchemas: SchemaRecord<DeepagentEvents> = {
  "deepagent.subagent.spawned": z.looseObject({
    subagent_type: text,
    description_preview: text,
    max_iterations: count,
    resumed: flag.optional(),
    ...spanPair,
  }),
  "deepagent.subagent.completed": z.looseObject({
    subagent_type: text,
    output_length: count,
    duration_ms: duration,
    success: flag,
    error: textOrNull.optional(),
    ...spanPair,
  }),
  "deepagent.fs.read": z.looseObject({ path: text, byte_count: count, ...inSpan }),
  "deepagent.fs.write": z.looseObject({
    path: text,
    byte_count: count,
    bytes_before: countOrNull.optional(),
    hash: text.optional(),
    ...inSpan,
  }),
  "deepagent.todo.added": todo,
  "deepagent.todo.completed": todo,
};
