import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { A2aEvents } from "../catalogue/a2a.ts";
import { count, duration, flag, orNull, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `a2a.*` payload. */
export const a2aSchemas: SchemaRecord<A2aEvents> = {
  "a2a.task.received": z.looseObject({ method: text, rpc_id: textOrNull, ...spanPair }),
  "a2a.task.processing": z.looseObject({ task_id: text, agent_name: text, ...inSpan }),
  "a2a.task.completed": z.looseObject({
    method: text,
    success: flag,
    // JSON-RPC's own codes are negative.
    error_code: orNull(z.int()),
    duration_ms: duration,
    ...spanPair,
  }),
  "a2a.client.send": z.looseObject({ target_url: text, method: text, ...spanPair }),
  "a2a.client.received": z.looseObject({
    target_url: text,
    method: text,
    status_code: count,
    duration_ms: duration,
    content_length: count,
    ...spanPair,
  }),
};
