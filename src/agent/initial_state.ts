/** What a run begins with. */

import { randomHex } from "../core/random_hex.ts";
import type { AgentConfig } from "./config.ts";
import type { Progress } from "./run_handle.ts";
import { type AgentState, createState } from "./state.ts";

/** The state of a run that has said and done nothing. */
export function initialState(
  config: AgentConfig,
  metadata: Readonly<Record<string, unknown>>,
): AgentState {
  return createState({
    run_id: randomHex(32),
    messages: [],
    ...limitsOf(config),
    metadata: Object.freeze({ ...config.metadata, ...metadata }),
  });
}

/** What a state says of the agent that it is run by. */
export function limitsOf(config: AgentConfig): Limits {
  return {
    agent_id: config.agentId,
    max_iterations: config.maxIterations,
    ...(config.reflexion && { confidence_threshold: config.reflexion.confidenceThreshold }),
    tool_loop_threshold: config.toolLoopThreshold,
    terminal_tools: [...config.terminalTools],
    token_budget: config.tokenBudget,
    completion_mode: config.completionMode,
  };
}

type Limits =
  & Pick<AgentState, "max_iterations" | "tool_loop_threshold" | "terminal_tools">
  & Partial<AgentState>;

/** Nothing is counted yet. */
export function initialProgress(): Progress {
  return {
    elapsedMs: 0,
    toolCalls: 0,
    firstMessage: 0,
    firstExecution: 0,
    grounding: null,
    causes: null,
    reflexionEvaluations: 0,
    idempotent: new Map(),
    unverifiedWrite: false,
  };
}
