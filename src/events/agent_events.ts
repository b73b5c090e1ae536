/** What an agent yields, step by step: the types, for the code that makes these events and the code that handles them. */

/** A tool call that the model asked for. */
export interface ToolCall {
  /** The provider's id; what the tool returns is matched to the call by it. */
  readonly id: string;
  /** Which tool; it may be unknown. */
  readonly name: string;
  /** As the model wrote them. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What all events of a run have. */
export interface AgentEventBase<T extends string> {
  /** Which event it is; narrows {@linkcode AgentEvent}. */
  readonly event_type: T;
  /** When it happened: ISO 8601 in UTC. */
  readonly timestamp: string;
}

/** The model finished a turn: its reasoning, and the tools it wants. One per turn. */
export interface ThinkEvent extends AgentEventBase<"think"> {
  /** Index of the turn, from 0. */
  readonly iteration: number;
  /** The model's thinking if it shows it, else the turn's text; null if there is neither. */
  readonly reasoning: string | null;
  /** What the model asks for, in its order. */
  readonly tool_calls: readonly ToolCall[];
}

/** A tool is about to be called. Exactly one `tool_complete` with the same id follows. */
export interface ToolStartEvent extends AgentEventBase<"tool_start"> {
  /** Which tool; it may be unknown. */
  readonly tool_name: string;
  /** The id of the call. */
  readonly tool_call_id: string;
  /** Validated, with defaults; as the model wrote them if they are not valid. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A tool returned, failed, timed out or was cancelled. */
export interface ToolCompleteEvent extends AgentEventBase<"tool_complete"> {
  /** Which tool. */
  readonly tool_name: string;
  /** The id of the matching `tool_start`. */
  readonly tool_call_id: string;
  /** What it returned, as text; null if it failed. */
  readonly result: string | null;
  /** `<ErrorName>: <first line>` with secrets removed; null if it did not fail. */
  readonly error: string | null;
  /** How long the tool's body ran, in milliseconds; 0 if it did not run. */
  readonly duration_ms: number;
  /** Whether `error` is null. Not an own enumerable key, so it is not in the JSON. */
  readonly success: boolean;
}

/** The agent judged its own progress. */
export interface ReflectEvent extends AgentEventBase<"reflect"> {
  /** Index of the turn, from 0. */
  readonly iteration: number;
  /** How it is going. */
  readonly assessment: "on_track" | "stuck" | "new_findings" | "loop_detected";
  /** New confidence minus the one before. */
  readonly confidence_delta: number;
  /** 0 to 1. */
  readonly new_confidence: number;
  /** Advice for the next turn. */
  readonly guidance: string | null;
}

/** The claims of an answer were checked against what the tools returned. */
export interface GroundingEvent extends AgentEventBase<"grounding"> {
  /** Share of the claims that are supported, 0 to 1. */
  readonly score: number;
  /** How many claims the judge looked at. */
  readonly claims_evaluated: number;
  /** The claims that nothing supports. */
  readonly ungrounded_claims: readonly string[];
  /** Whether that is too little: then the run goes back for more evidence, or ends if it may not. */
  readonly requires_replan: boolean;
}

/** The run is over. The last event of every run that was not interrupted. */
export interface TerminateEvent extends AgentEventBase<"terminate"> {
  /**
   * Why it ended: a `StopReason`, or what the agent's `termination` says, such as
   * `tool_called:submit`. `toStopReason()` makes the former of the latter.
   */
  readonly reason: string;
  /** How many turns were begun. */
  readonly iterations_used: number;
  /** 0 to 1; 0 if the run was not reflected on. */
  readonly final_confidence: number;
  /** How many `tool_complete` events the run had. */
  readonly total_tool_calls: number;
  /** The answer; null if there is none. */
  readonly final_message: string | null;
}

/** The run waits for a person: show the question, then call `agent.resume()`. */
export interface InterruptEvent extends AgentEventBase<"interrupt"> {
  /** What to ask the person. */
  readonly question: string;
  /** The answers to choose from; null if any answer will do. */
  readonly options: readonly string[] | null;
  /** Hand it to `agent.resume()`. */
  readonly interrupt_id: string;
  /** Anything that the tool adds for the user interface. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Something arrived from a streaming model. */
export interface ModelChunkEvent extends AgentEventBase<"model_chunk"> {
  /** The text that arrived; null for a chunk of tool calls, and for the last one. */
  readonly content: string | null;
  /** Tool calls that are complete; null for a chunk of text. */
  readonly tool_calls: readonly ToolCall[] | null;
  /** True on the last chunk of a model call, and only there. */
  readonly done: boolean;
  /** The call has failed, and the run goes on: what it streamed is void. Only on its last chunk. */
  readonly discarded?: true;
}

/** One model call is finished. */
export interface ModelCompleteEvent extends AgentEventBase<"model_complete"> {
  /** The whole text; null if there is none. */
  readonly content: string | null;
  /** What the model asks for, in its order. */
  readonly tool_calls: readonly ToolCall[];
  /**
   * `input_tokens`, `output_tokens`; the same as `prompt_tokens`, `completion_tokens`; and
   * `total_tokens`. Empty if the provider did not say.
   */
  readonly usage: Readonly<Record<string, number>>;
  /** Why the model stopped, in the provider's own word; null if it did not say. */
  readonly stop_reason: string | null;
  /** A hook has the model asked again: this answer, and what was streamed of it, is void. */
  readonly discarded?: true;
}

/** Something that happened or is the case was read out of what the tools returned, for the first time. */
export interface CausalNodeEvent extends AgentEventBase<"causal_node"> {
  /** Identifies it in the chain of the run. */
  readonly node_id: string;
  /** What it is, in words. */
  readonly label: string;
  /** What it is said to be. */
  readonly node_type: "root_cause" | "intermediate" | "symptom" | "unknown";
  /** What speaks for it. */
  readonly evidence: readonly string[];
}

/** How two such things hang together. Both had their `causal_node` before. */
export interface CausalEdgeEvent extends AgentEventBase<"causal_edge"> {
  /** The node that it leads away from. */
  readonly source_id: string;
  /** The node that it leads to. */
  readonly target_id: string;
  /** What the first does to the second. */
  readonly relationship: "causes" | "correlates_with" | "precedes" | "inhibits";
  /** How sure it is, 0 to 1. */
  readonly confidence: number;
}

/** Any event of a run; narrows on `event_type`. */
export type AgentEvent =
  | ThinkEvent
  | ToolStartEvent
  | ToolCompleteEvent
  | ReflectEvent
  | GroundingEvent
  | CausalNodeEvent
  | CausalEdgeEvent
  | TerminateEvent
  | InterruptEvent
  | ModelChunkEvent
  | ModelCompleteEvent;
