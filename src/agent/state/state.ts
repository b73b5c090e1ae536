/** What an agent knows at one moment of a run. Never changed, only replaced. */

import { toTimestamp } from "../../core/timestamp.ts";
import type { Message, ToolCall } from "./messages.ts";

/** A tool call that is over, however it ended. */
export interface ToolExecution {
  /** Which tool; it may be unknown. */
  readonly tool_name: string;
  /** The id of the call. */
  readonly tool_call_id: string;
  /** The arguments that the tool was called with: validated, with defaults. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What it returned, as text; null if it failed. */
  readonly result: string | null;
  /** How it failed; null if it did not. */
  readonly error: string | null;
  /** How long its body ran, in milliseconds; 0 if it did not run. */
  readonly duration_ms: number;
  /** When it was over: ISO 8601 in UTC. */
  readonly timestamp: string;
  /** The outcome was taken from an equal, earlier call of the same run. */
  readonly idempotent_cache_hit: boolean;
  /** It was stopped before it was done, or never started. */
  readonly cancelled: boolean;
}

/** One turn of a run: what the model thought, and what came of it. */
export interface ReasoningStep {
  /** Index of the turn, from 0. */
  readonly iteration: number;
  /** The model's thinking if it shows it, else the turn's text. */
  readonly thought: string | null;
  /** What the model asked for. */
  readonly tool_calls: readonly ToolCall[];
  /** The result of each call as the model got it, in the order of the calls. */
  readonly tool_results: readonly string[];
  /** What reflexion said of the turn; null if it was not reflected on. */
  readonly reflection: string | null;
  /** By how much reflexion changed the confidence; 0 if it did not. */
  readonly confidence_delta: number;
  /** When the turn was over: ISO 8601 in UTC. */
  readonly timestamp: string;
}

/** A tool's question to a person that a run is waiting on. */
export interface PendingInterrupt {
  /** Hand it to `agent.resume()`. */
  readonly interrupt_id: string;
  /** The call that asks. */
  readonly tool_call_id: string;
  /** The tool that asks. */
  readonly tool_name: string;
  /** What the tool was called with. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What to ask the person. */
  readonly question: string;
  /** The answers to choose from; null if any answer will do. */
  readonly options: readonly string[] | null;
  /** Anything that the tool adds for the user interface. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Index of the turn, from 0. */
  readonly iteration: number;
}

/** Everything about a run that outlives a step of it. Immutable, and plain data. */
export interface AgentState {
  /** Identifies the agent's run: 32 hexadecimal digits. */
  readonly run_id: string;
  /** The agent's name; null if it was given none. */
  readonly agent_id: string | null;
  /** The whole conversation. */
  readonly messages: readonly Message[];
  /** How many turns were begun. */
  readonly iteration: number;
  /** After so many turns the run ends. */
  readonly max_iterations: number;
  /** Every tool call that is over, in the order of the calls. */
  readonly tool_executions: readonly ToolExecution[];
  /** Every turn that called tools, or that another one followed. */
  readonly reasoning_steps: readonly ReasoningStep[];
  /** How sure the agent is, 0 to 1; 0 while it has not reflected. */
  readonly confidence: number;
  /** At this confidence the run stops. */
  readonly confidence_threshold: number;
  /** Every value that `confidence` was given. */
  readonly confidence_history: readonly number[];
  /** After so many turns with the very same tool calls the run ends. */
  readonly tool_loop_threshold: number;
  /** Tools that end the run when they succeed. */
  readonly terminal_tools: readonly string[];
  /** Tokens sent and written so far, as far as providers report them. */
  readonly total_tokens_used: number;
  /** Tokens sent. */
  readonly prompt_tokens_used: number;
  /** Tokens written. */
  readonly completion_tokens_used: number;
  /** Of those sent, how many went into the provider's cache. */
  readonly cache_creation_tokens_used: number;
  /** Of those sent, how many came from the provider's cache. */
  readonly cache_read_tokens_used: number;
  /** Of those written, how many were reasoning. */
  readonly reasoning_tokens_used: number;
  /** After so many tokens no further turn begins; null for no limit. */
  readonly token_budget: number | null;
  /** What ends the run: an answer without tool calls, or a terminal tool. */
  readonly completion_mode: "auto" | "explicit";
  /** What went wrong, as text. */
  readonly errors: readonly string[];
  /** The agent's and the run's, and what hooks and options such as `outputKey` add. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The question that the run waits for an answer to; null if it does not wait. */
  readonly pending_interrupt: PendingInterrupt | null;
  /** When the run began: ISO 8601 in UTC. */
  readonly started_at: string;
  /** When this state was made: ISO 8601 in UTC. */
  readonly updated_at: string;
}

type Given = "run_id" | "messages" | "max_iterations" | "tool_loop_threshold" | "terminal_tools";

export function createState(
  given: Pick<AgentState, Given> & Partial<AgentState>,
): AgentState {
  const now = new Date().toISOString();
  return Object.freeze<AgentState>({
    agent_id: null,
    iteration: 0,
    tool_executions: [],
    reasoning_steps: [],
    confidence: 0,
    confidence_threshold: 0.85,
    confidence_history: [],
    total_tokens_used: 0,
    prompt_tokens_used: 0,
    completion_tokens_used: 0,
    cache_creation_tokens_used: 0,
    cache_read_tokens_used: 0,
    reasoning_tokens_used: 0,
    token_budget: null,
    completion_mode: "auto",
    errors: [],
    metadata: {},
    pending_interrupt: null,
    started_at: now,
    updated_at: now,
    ...given,
  });
}

/** The next state: `state` with `changes`. Confidence is kept within 0 to 1, and its history noted. */
export function updateState(state: AgentState, changes: Partial<AgentState>): AgentState {
  const next = { ...state, ...changes, updated_at: toTimestamp(Date.now()) };
  if (changes.confidence !== undefined && changes.confidence !== state.confidence) {
    next.confidence = Math.min(1, Math.max(0, changes.confidence));
    next.confidence_history = [...state.confidence_history, next.confidence];
  }
  return Object.freeze(next);
}

export function appendMessages(state: AgentState, ...messages: Message[]): AgentState {
  if (messages.length === 0) return state;
  return updateState(state, { messages: [...state.messages, ...messages] });
}

/**
 * The tokens used; while no model has reported any, an estimate of four characters each.
 *
 * @param start Where the run's messages begin.
 */
export function totalTokens(state: AgentState, start = 0): number {
  if (state.total_tokens_used > 0) return state.total_tokens_used;
  const characters = state.messages.slice(start).reduce(
    (sum, { content }) => sum + (content?.length ?? 0),
    0,
  );
  return Math.floor(characters / 4);
}
