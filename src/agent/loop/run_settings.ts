/** What the loop needs to know of the agent. */

import type { ChatModel } from "../model/chat_model.ts";
import type { CallSettings, ResponseFormat } from "../model/request.ts";
import { type AgentState, createState } from "../state/state.ts";
import type { CircuitBreaker } from "../tools/circuit_breaker.ts";
import type { ModelLimits } from "./model_deadline.ts";
import type { StopCheck } from "./stop_checks.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { RunCounters } from "./run_persistence.ts";

/** What the loop needs to know of the agent, checked and complete. No option of a feature is here. */
export interface RunSettings extends ModelLimits {
  readonly model: ChatModel;
  readonly auxiliaryModel: ChatModel;
  /** After so many seconds the run is aborted; null for no limit. */
  readonly timeBudgetSeconds: number | null;
  readonly systemPrompt: string | SystemPrompt;
  /** What is added to the system prompt; null for nothing. */
  readonly instruction: string | null;
  /** What answers have to be; undefined for anything. */
  readonly responseFormat: ResponseFormat | undefined;
  readonly limits: StateLimits;
  /** What ends a run before its next turn, in this order. */
  readonly stopChecks: readonly StopCheck[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly callSettings: CallSettings;
  readonly toolExecution: "concurrent" | "sequential";
  readonly maxConcurrency: number;
  readonly toolEventOrder: "sequential" | "completion";
  readonly maxToolResultLength: number;
  readonly toolTimeoutMs: number | null;
  readonly terminalTools: ReadonlySet<string>;
  readonly circuitBreaker: CircuitBreaker | null;
}

export type StateLimits =
  & Pick<AgentState, "max_iterations" | "tool_loop_threshold" | "terminal_tools">
  & Partial<AgentState>;

/** Makes the system prompt of one run. */
export type SystemPrompt = (
  context: { prompt: string; metadata: Readonly<Record<string, unknown>> },
) => string | Promise<string>;

export function initialState(
  settings: RunSettings,
  metadata: Readonly<Record<string, unknown>>,
): AgentState {
  return createState({
    run_id: randomHex(32),
    messages: [],
    ...settings.limits,
    metadata: Object.freeze({ ...settings.metadata, ...metadata }),
  });
}

export function initialCounters(): RunCounters {
  return { elapsedMs: 0, toolCalls: 0, firstMessage: 0, firstExecution: 0 };
}
