/**
 * What streams that work together tell each other, over the coordination bus. There an event says
 * with `stream_id`, `node_id`, `execution_id` and `correlation_id` where it comes from.
 *
 * @module
 */

import type { FreePayload } from "./free_payload.ts";
import type { EventRows } from "./rows.ts";

/** The name of a coordination event. */
export type CoordinationEventType = keyof CoordinationEvents & string;

/** Where a coordination event comes from: what a subscriber filters by. */
export interface CoordinationOrigin {
  /** The stream that published it. */
  readonly stream_id: string;
  /** The node within the stream; null for an event of the whole stream or execution. */
  readonly node_id: string | null;
  /** One execution of the stream; null for an event that belongs to none. */
  readonly execution_id: string | null;
  /** The same on all events that belong together across streams; null if none was given. */
  readonly correlation_id: string | null;
}

/** An execution begins. */
export interface ExecutionStarted {
  /** What it works on; `{}` if nothing was given. */
  input: Readonly<Record<string, unknown>>;
}

/** An execution reached its end. */
export interface ExecutionCompleted {
  /** What it produced; `{}` if nothing. */
  output: Readonly<Record<string, unknown>>;
}

/** An execution broke off. */
export interface ExecutionFailed {
  /** What went wrong. */
  error: string;
}

/** An execution waits. The publisher chooses the keys. */
export interface ExecutionPaused extends FreePayload {}

/** An execution goes on. The publisher chooses the keys. */
export interface ExecutionResumed extends FreePayload {}

/** A value of the shared state was set. */
export interface StateChanged {
  /** The value's name. */
  key: string;
  /** The value before; null if there was none. */
  old_value: unknown;
  /** The value from here on; null if it was removed. */
  new_value: unknown;
  /** Who sees the value, in the publisher's own word, such as `execution` or `stream`. */
  scope: string;
}

/** Two writers disagree about a value of the shared state. The publisher chooses the keys. */
export interface StateConflict extends FreePayload {}

/** A goal came nearer, or further away. */
export interface GoalProgress {
  /** How much of the goal is reached, on the publisher's own scale, usually 0 to 1. */
  progress: number;
  /** The state of each criterion, by its id. */
  criteria_status: Readonly<Record<string, unknown>>;
}

/** A goal is reached. The publisher chooses the keys. */
export interface GoalAchieved extends FreePayload {}

/** A constraint was broken. */
export interface ConstraintViolation {
  /** Which constraint. */
  constraint_id: string;
  /** What was broken, and how. */
  description: string;
}

/** A stream takes up work. The publisher chooses the keys. */
export interface StreamStarted extends FreePayload {}

/** A stream takes no more work. The publisher chooses the keys. */
export interface StreamStopped extends FreePayload {}

/** The loop of a node begins. */
export interface NodeLoopStarted {
  /** How many rounds it may take; null if there is no limit. */
  max_iterations: number | null;
}

/** The loop of a node begins a round. */
export interface NodeLoopIteration {
  /** The number of the round, as the node counts. */
  iteration: number;
}

/** The loop of a node is over. */
export interface NodeLoopCompleted {
  /** How many rounds it took. */
  iterations: number;
}

/** A model wrote a piece of text. */
export interface LlmTextDelta {
  /** The new piece. */
  content: string;
  /** All of the text so far, the new piece included. */
  snapshot: string;
}

/** A model thought a piece further. */
export interface LlmReasoningDelta {
  /** The new piece. */
  content: string;
}

/** A node calls a tool. */
export interface ToolCallStarted {
  /** The id of the call; `tool_call_completed` carries the same. */
  tool_use_id: string;
  /** The name that the model called. */
  tool_name: string;
  /** The arguments; `{}` if there are none. */
  tool_input: Readonly<Record<string, unknown>>;
}

/** A tool returned or failed. */
export interface ToolCallCompleted {
  /** The `tool_use_id` of the matching `tool_call_started`. */
  tool_use_id: string;
  /** The name that the model called. */
  tool_name: string;
  /** What it returned, or the error, as text; `""` if nothing. */
  result: string;
  /** Whether the tool failed. */
  is_error: boolean;
}

/** A node that speaks to a person wrote a piece of text. */
export interface ClientOutputDelta {
  /** The new piece. */
  content: string;
  /** All of the text so far, the new piece included. */
  snapshot: string;
}

/** A node that speaks to a person waits for an answer. */
export interface ClientInputRequested {
  /** What is asked; `""` for a plain turn to speak. */
  prompt: string;
}

/** A node that speaks to no person wrote text. */
export interface NodeInternalOutput {
  /** The text. */
  content: string;
}

/** A node that speaks to no person needs an answer and cannot get one. */
export interface NodeInputBlocked {
  /** What it would ask; `""` if it did not say. */
  prompt: string;
}

/** A node makes no progress. */
export interface NodeStalled {
  /** Why, or `""` if it is not known. */
  reason: string;
}

/** Anything else that streams tell each other. The publisher chooses the keys. */
export interface Custom extends FreePayload {}

/** The payload of every coordination event. */
export type CoordinationEvents = {
  execution_started: ExecutionStarted;
  execution_completed: ExecutionCompleted;
  execution_failed: ExecutionFailed;
  execution_paused: ExecutionPaused;
  execution_resumed: ExecutionResumed;
  state_changed: StateChanged;
  state_conflict: StateConflict;
  goal_progress: GoalProgress;
  goal_achieved: GoalAchieved;
  constraint_violation: ConstraintViolation;
  stream_started: StreamStarted;
  stream_stopped: StreamStopped;
  node_loop_started: NodeLoopStarted;
  node_loop_iteration: NodeLoopIteration;
  node_loop_completed: NodeLoopCompleted;
  llm_text_delta: LlmTextDelta;
  llm_reasoning_delta: LlmReasoningDelta;
  tool_call_started: ToolCallStarted;
  tool_call_completed: ToolCallCompleted;
  client_output_delta: ClientOutputDelta;
  client_input_requested: ClientInputRequested;
  node_internal_output: NodeInternalOutput;
  node_input_blocked: NodeInputBlocked;
  node_stalled: NodeStalled;
  custom: Custom;
};

/** The documentation of every coordination event. */
export const coordinationEvents: EventRows<CoordinationEvents> = {
  execution_started: { summary: "An execution begins." },
  execution_completed: { summary: "An execution reached its end." },
  execution_failed: { summary: "An execution broke off." },
  execution_paused: { summary: "An execution waits." },
  execution_resumed: { summary: "An execution goes on." },
  state_changed: { summary: "A value of the shared state was set." },
  state_conflict: { summary: "Two writers disagree about a value of the shared state." },
  goal_progress: {
    summary: "A goal came nearer, or further away.",
    note: "Of a whole stream, not of one execution.",
  },
  goal_achieved: { summary: "A goal is reached." },
  constraint_violation: { summary: "A constraint was broken." },
  stream_started: { summary: "A stream takes up work." },
  stream_stopped: { summary: "A stream takes no more work." },
  node_loop_started: { summary: "The loop of a node begins.", pairs_with: "node_loop_completed" },
  node_loop_iteration: { summary: "The loop of a node begins a round." },
  node_loop_completed: { summary: "The loop of a node is over.", pairs_with: "node_loop_started" },
  llm_text_delta: { summary: "A model wrote a piece of text." },
  llm_reasoning_delta: { summary: "A model thought a piece further." },
  tool_call_started: { summary: "A node calls a tool.", pairs_with: "tool_call_completed" },
  tool_call_completed: { summary: "A tool returned or failed.", pairs_with: "tool_call_started" },
  client_output_delta: {
    summary: "A node that speaks to a person wrote a piece of text.",
    note: "Only from client-facing nodes.",
  },
  client_input_requested: {
    summary: "A node that speaks to a person waits for an answer.",
    note: "Only from client-facing nodes.",
  },
  node_internal_output: {
    summary: "A node that speaks to no person wrote text.",
    note: "Never from client-facing nodes.",
  },
  node_input_blocked: {
    summary: "A node that speaks to no person needs an answer and cannot get one.",
    note: "Never from client-facing nodes.",
  },
  node_stalled: { summary: "A node makes no progress." },
  custom: { summary: "Anything else that streams tell each other." },
};
