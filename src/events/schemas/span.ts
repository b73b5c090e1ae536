import { z } from "zod";
import type { SpanEvents } from "../catalogue/span.ts";
import { dictionary, duration, flag, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `span.*` payload. */
export const spanSchemas: SchemaRecord<SpanEvents> = {
  "span.started": z.looseObject({
    span_id: text,
    parent_span_id: textOrNull,
    name: text,
    attributes: dictionary,
  }),
  "span.completed": z.looseObject({
    span_id: text,
    parent_span_id: textOrNull,
    name: text,
    success: flag,
    duration_ms: duration,
    error: textOrNull,
  }),
  "span.linked": z.looseObject({ span_id: text, parent_span_id: text }),
};
