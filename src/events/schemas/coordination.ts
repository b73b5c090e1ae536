import { z } from "zod";
import type { CoordinationEvents } from "../catalogue/coordination.ts";
import { anything, count, countOrNull, dictionary, flag, free, number } from "./_fields.ts";
import { type SchemaRecord, text } from "./_fields.ts";

/** The schema of every coordination payload. */
export const coordinationSchemas: SchemaRecord<CoordinationEvents> = {
  execution_started: z.looseObject({ input: dictionary }),
  execution_completed: z.looseObject({ output: dictionary }),
  execution_failed: z.looseObject({ error: text }),
  execution_paused: free,
  execution_resumed: free,
  state_changed: z.looseObject({
    key: text,
    old_value: anything,
    new_value: anything,
    scope: text,
  }),
  state_conflict: free,
  goal_progress: z.looseObject({ progress: number, criteria_status: dictionary }),
  goal_achieved: free,
  constraint_violation: z.looseObject({ constraint_id: text, description: text }),
  stream_started: free,
  stream_stopped: free,
  node_loop_started: z.looseObject({ max_iterations: countOrNull }),
  node_loop_iteration: z.looseObject({ iteration: count }),
  node_loop_completed: z.looseObject({ iterations: count }),
  llm_text_delta: z.looseObject({ content: text, snapshot: text }),
  llm_reasoning_delta: z.looseObject({ content: text }),
  tool_call_started: z.looseObject({ tool_use_id: text, tool_name: text, tool_input: dictionary }),
  tool_call_completed: z.looseObject({
    tool_use_id: text,
    tool_name: text,
    result: text,
    is_error: flag,
  }),
  client_output_delta: z.looseObject({ content: text, snapshot: text }),
  client_input_requested: z.looseObject({ prompt: text }),
  node_internal_output: z.looseObject({ content: text }),
  node_input_blocked: z.looseObject({ prompt: text }),
  node_stalled: z.looseObject({ reason: text }),
  custom: free,
};
