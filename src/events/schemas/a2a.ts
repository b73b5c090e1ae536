import { z } from "zod";
import type { A2aEvents } from "../catalogue/a2a.ts";
import { count, duration, flag, orNull, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `a2a.*` payload. */
export const a2aSchemas: SchemaRecord<A2aEvents> = {
  "a2a.task.received": z.looseObject({ method: text, rpc_id: textOrNull }),
  "a2a.task.processing": z.looseObject({ task_id: text, agent_name: text }),
  "a2a.task.completed": z.looseObject({
    method: text,
    success: flag,
    // JSON-RPC's own codes are negative.
    error_code: orNull(z.int()),
    duration_ms: duration,
  }),
  "a2a.client.send": z.looseObject({ target_url: text, method: text }),
  "a2a.client.received": z.looseObject({
    target_url: text,
    method: text,
    status_code: count,
    duration_ms: duration,
    content_length: count,
  }),
};
