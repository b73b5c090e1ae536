import type {
  ClientInputRequested,
  ExecutionCompleted,
  ExecutionStarted,
  NodeInputBlocked,
  NodeLoopStarted,
  NodeStalled,
  ToolCallCompleted,
  ToolCallStarted,
} from "../events/catalogue/coordination.ts";

/**
 * What a publisher may leave out of a payload, by event type. The event has it all the same: `{}` for
 * a dictionary, `""` for a text, `false` for a flag, and null for `max_iterations`.
 */
export interface OptionalPayload {
  /** `{}` */
  execution_started: Pick<ExecutionStarted, "input">;
  /** `{}` */
  execution_completed: Pick<ExecutionCompleted, "output">;
  /** null */
  node_loop_started: Pick<NodeLoopStarted, "max_iterations">;
  /** `{}` */
  tool_call_started: Pick<ToolCallStarted, "tool_input">;
  /** `""`, false */
  tool_call_completed: Pick<ToolCallCompleted, "result" | "is_error">;
  /** `""` */
  client_input_requested: Pick<ClientInputRequested, "prompt">;
  /** `""` */
  node_input_blocked: Pick<NodeInputBlocked, "prompt">;
  /** `""` */
  node_stalled: Pick<NodeStalled, "reason">;
}

const NOTHING = /* @__PURE__ */ Object.freeze({});

const DEFAULTS: OptionalPayload = {
  execution_started: { input: NOTHING },
  execution_completed: { output: NOTHING },
  node_loop_started: { max_iterations: null },
  tool_call_started: { tool_input: NOTHING },
  tool_call_completed: { result: "", is_error: false },
  client_input_requested: { prompt: "" },
  node_input_blocked: { prompt: "" },
  node_stalled: { reason: "" },
};

/** Sets what an event's own copy of its payload lacks; a key that is null counts as left out. */
export function fillDefaults(type: string, data: Record<string, unknown>): void {
  if (!Object.hasOwn(DEFAULTS, type)) return;
  const defaults = DEFAULTS[type as keyof OptionalPayload];
  for (const [key, value] of Object.entries(defaults)) data[key] ??= value;
}
