import { z } from "zod";
import type { SpanEvents } from "../catalogue/span.ts";
import { anything, count, dictionary, duration, flag, type SchemaRecord, text } from "./_fields.ts";
import { textOrNull } from "./_fields.ts";

/** The schema of every `span.*` payload. */
export const spanSchemas: SchemaRecord<SpanEvents> = {
  "span.started": z.looseObject({
    span_id: text,
    parent_span_id: textOrNull,
    name: text,
    kind: text.optional(),
    attributes: dictionary,
    resumed: flag.optional(),
  }),
  "span.completed": z.looseObject({
    span_id: text,
    parent_span_id: textOrNull,
    name: text,
    kind: text.optional(),
    success: flag,
    duration_ms: duration,
    error: textOrNull,
    attributes: dictionary.optional(),
  }),
  "span.linked": z.looseObject({ span_id: text, parent_span_id: text }),
  "span.content": z.looseObject({
    span_id: text,
    direction: z.enum(["input", "output"]),
    kind: z.enum([
      "messages",
      "text",
      "arguments",
      "result",
      "tools",
      "documents",
      "state",
      "answer",
      "json",
    ]),
    base_span_id: textOrNull,
    from_index: count,
    content: anything,
    truncated: flag,
    bytes: count,
    by: textOrNull.optional(),
    used_by: z.enum(["citation", "context", "match"]).optional(),
  }),
};
