/**
 * What the ReAct loop of an agent says. All previews hold at most 240 characters.
 *
 * @module
 */

import type { InSpan, ToolSpan } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** The model finished a turn: what it thought, and whether it asks for tools. */
export interface AgentThink extends InSpan {
  /** Index of the turn, from 0. */
  iteration: number;
  /** The start of the turn's reasoning or text; `""` if it had none. */
  reasoning_preview: string;
  /** Whether the turn asks for tools. */
  has_tool_calls: boolean;
  /** How many tool calls the turn asks for. */
  tool_call_count: number;
}

/** A tool is about to be called. */
export interface AgentToolStarted extends ToolSpan {
  /** The name that the model called. */
  tool_name: string;
  /** The id of the tool call; `agent.tool.completed` carries the same. */
  span_id: string;
  /** Names of the arguments, sorted. Their values are not published. */
  arg_keys: readonly string[];
}

/** A tool returned, failed, timed out or was cancelled. */
export interface AgentToolCompleted extends ToolSpan {
  /** The name that the model called. */
  tool_name: string;
  /** The `span_id` of the matching `agent.tool.started`. */
  span_id: string;
  /** Whether the tool returned. */
  success: boolean;
  /** How long the tool's body ran, in milliseconds; 0 if it did not run. */
  duration_ms: number;
  /** The start of the result as text; `""` if the tool failed. */
  output_preview: string;
  /** `<ErrorName>: <first line>` with secrets removed, or null on success. */
  error: string | null;
}

/** The agent judged its own progress. */
export interface AgentReflect extends InSpan {
  /** Index of the turn, from 0. */
  iteration: number;
  /** How the run is going. */
  assessment: "on_track" | "stuck" | "new_findings" | "loop_detected";
  /** New confidence minus the one before, −1 to 1. */
  confidence_delta: number;
  /** Confidence from here on, 0 to 1. */
  new_confidence: number;
  /** The start of the advice for the next turn; `""` if there is none. */
  guidance_preview: string;
}

/** The claims of an answer were checked against what the tools returned. */
export interface AgentGrounding extends InSpan {
  /** Share of the claims that are supported, 0 to 1. */
  score: number;
  /** How many claims the answer makes. */
  claims_evaluated: number;
  /** How many of them are not supported. */
  ungrounded_count: number;
  /** Whether the run goes back to find more evidence. */
  requires_replan: boolean;
}

/** Text or tool calls arrived from a streaming model. */
export interface AgentModelChunk extends InSpan {
  /** The text that arrived, at most 240 characters; `""` for a chunk without text. */
  content_preview: string;
  /** True on the last chunk of a model call. */
  done: boolean;
  /** The call has failed, and the run goes on: what it streamed is void. Only on its last chunk. */
  discarded?: boolean;
  /** Whether the chunk belongs to a tool call. */
  has_tool_calls: boolean;
  /**
   * What `text` is, if not the answer: then `content_preview` is empty, so that the previews of a call still add
   * up to its answer. Only where content is captured.
   */
  channel?: "reasoning" | "tool_input";
  /** The text of the channel. */
  text?: string;
}

/** One model call is finished. */
export interface AgentModelCompleted extends InSpan {
  /** The start of the text; `""` if the model only called tools. */
  content_preview: string;
  /** How many tools the model called. */
  tool_call_count: number;
  /** The model is asked again: this answer, and what was streamed of it, is void. */
  discarded?: boolean;
  /** Why the model stopped, in the provider's own word; null if it did not say. */
  stop_reason: string | null;
}

/** Tokens were spent on one model call. */
export interface AgentTokensUsed extends InSpan {
  /** Tokens that went in. */
  prompt_tokens: number;
  /** Tokens that came out. */
  completion_tokens: number;
  /** The provider's own total, or else the sum. */
  total_tokens: number;
  /** Tokens of the input that the provider had cached. */
  cached_input_tokens?: number;
  /** Tokens of the input that the provider cached now. */
  cache_write_tokens?: number;
  /** Tokens of the output that the model spent on reasoning. */
  reasoning_tokens?: number;
  /** The model that was called. */
  model?: string;
}

/** The run waits for a person. */
export interface AgentInterrupt extends InSpan {
  /** Hand it back to resume the run. */
  interrupt_id: string;
  /** The start of the question. */
  question_preview: string;
  /** The answers to choose from, or null if any answer will do. */
  options: readonly string[] | null;
  /** The graph that asks, if one does. */
  graph_id?: string;
  /** The node of that graph that asks. */
  node_id?: string;
}

/** A person, or something else that was asked, answered an interrupt. */
export interface AgentInterruptAnswered extends InSpan {
  /** The `interrupt_id` of the `agent.interrupt`. */
  interrupt_id: string;
  /** Who answered, as far as the server knows; null if it does not. */
  by: string | null;
  /** How long the run waited, in milliseconds. */
  waited_ms: number;
}

/** The run is over. */
export interface AgentTerminate extends InSpan {
  /** Which condition ended it, such as `complete`, `max_iterations` or `error`. */
  reason: string;
  /** How many turns the run took. */
  iterations_used: number;
  /** 0 to 1; 0 if the run was not reflected on. */
  final_confidence: number;
  /** How many tool calls were finished, one way or another. */
  total_tool_calls: number;
  /** The start of the answer; `""` if there is none. */
  final_message_preview: string;
  /** Whether it ended with a whole answer. */
  success?: boolean;
  /** `<ErrorName>: <first line>` of what ended it, with secrets removed; null if nothing failed. */
  error?: string | null;
  /** What failed; null if nothing did. */
  error_kind?: "model" | "tool" | "hook" | "limit" | "cancelled" | "internal" | null;
  /** How long the run took, in milliseconds, without the time that it waited for people. */
  duration_ms?: number;
}

/** A model call is tried again. */
export interface AgentModelRetry extends InSpan {
  /** Number of this retry, from 1. */
  attempt: number;
  /** How many retries there may be. */
  max_retries: number;
  /** Pause before the retry, in seconds. */
  delay_seconds: number;
  /** What was wrong with the call before. */
  reason: "empty_response" | "rate_limit" | "timeout" | "server_error";
}

/** A steering policy stopped or redirected a tool call. */
export interface AgentSteeringApplied extends InSpan {
  /** `guide` tells the model why not, `interrupt` says that a person must agree. */
  action: "guide" | "interrupt";
  /** The tool that was to be called. */
  tool_name: string;
  /** Why, in the policy's words. */
  reason: string;
}

/** A guardrail rule matched. */
export interface AgentGuardrailTriggered extends InSpan {
  /** The name of the rule that matched. */
  rule_name: string;
  /** What happens to the text. */
  action: "block" | "warn" | "redact" | "allow";
  /** Where the text was found. */
  location: "input" | "tool_args" | "tool_result" | "output";
  /** What the rule is there for. */
  description: string;
}

/** The payload of every `agent.*` event. */
export type AgentEvents = {
  "agent.think": AgentThink;
  "agent.tool.started": AgentToolStarted;
  "agent.tool.completed": AgentToolCompleted;
  "agent.reflect": AgentReflect;
  "agent.grounding": AgentGrounding;
  "agent.model.chunk": AgentModelChunk;
  "agent.model.completed": AgentModelCompleted;
  "agent.tokens.used": AgentTokensUsed;
  "agent.interrupt": AgentInterrupt;
  "agent.terminate": AgentTerminate;
  "agent.model.retry": AgentModelRetry;
  "agent.steering.applied": AgentSteeringApplied;
  "agent.guardrail.triggered": AgentGuardrailTriggered;
  "agent.interrupt.answered": AgentInterruptAnswered;
};

/** The documentation of every `agent.*` event. */
export const agentEvents: EventRows<AgentEvents> = {
  "agent.think": { summary: "The model finished a turn.", note: "One per iteration." },
  "agent.tool.started": {
    summary: "A tool is about to be called.",
    pairs_with: "agent.tool.completed",
  },
  "agent.tool.completed": {
    summary: "A tool returned, failed, timed out or was cancelled.",
    pairs_with: "agent.tool.started",
  },
  "agent.reflect": {
    summary: "The agent judged its own progress.",
    note: "Only with reflexion enabled.",
  },
  "agent.grounding": {
    summary: "The claims of an answer were checked against the evidence.",
    note: "Only with grounding enabled.",
  },
  "agent.model.chunk": {
    summary: "Text or tool calls arrived from the model.",
    note: "Streaming models only.",
  },
  "agent.model.completed": { summary: "One model call is finished.", note: "One per model call." },
  "agent.tokens.used": {
    summary: "Tokens were spent on one model call.",
    note: "One per model call whose provider reports usage.",
  },
  "agent.interrupt": { summary: "The run waits for a person." },
  "agent.terminate": {
    summary: "The run is over.",
    note: "Exactly one per run, unless the run waits for a person.",
  },
  "agent.model.retry": {
    summary: "A model call is tried again.",
    note: "Only with the model retry hook.",
  },
  "agent.steering.applied": {
    summary: "A steering policy stopped or redirected a tool call.",
    note: "Only with the steering hook.",
  },
  "agent.guardrail.triggered": {
    summary: "A guardrail rule matched.",
    note: "Only with the guardrails hook.",
  },
  "agent.interrupt.answered": { summary: "A person answered what the agent asked." },
};
