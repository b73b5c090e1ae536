import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { A2aEvents } from "../catalogue/a2a.ts";
import { count, duration, flag, orNull, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `a2a.*` payload. */
export const a2aSchemas: SchemaRecord<A2aEvents> = {
  "a2a.task.received": z.looseObject({
    method: text,
    rpc_id: textOrNull,
    task_id: textOrNull.optional(),
    context_id: textOrNull.optional(),
    binding: text.optional(),
    protocol_version: text.optional(),
    ...spanPair,
  }),
  "a2a.task.processing": z.looseObject({
    task_id: text,
    agent_name: text,
    resumed: flag.optional(),
    ...inSpan,
  }),
  "a2a.task.completed": z.looseObject({
    method: text,
    success: flag,
    // JSON-RPC's own codes are negative.
    error_code: orNull(z.int()),
    duration_ms: duration,
    state: textOrNull.optional(),
    ...spanPair,
  }),
  "a2a.client.send": z.looseObject({ target_url: text, method: text, ...spanPair }),
  "a2a.client.received": z.looseObject({
    target_url: text,
    method: text,
    status_code: count,
    duration_ms: duration,
    content_length: count,
    error: textOrNull.optional(),
    task_id: textOrNull.optional(),
    last_event_id: textOrNull.optional(),
    ...spanPair,
  }),
};
