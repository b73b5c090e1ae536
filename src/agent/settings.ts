/** What the loop is told of the options. */

import type { AgentConfig } from "./config.ts";
import type { RunSettings, StateLimits } from "./loop/run_settings.ts";
import {
  isCancelled,
  isIdle,
  outOfTime,
  outOfTokens,
  outOfTurns,
  type StopCheck,
  terminalTool,
} from "./loop/stop_checks.ts";
import { isConfident } from "./reasoning/reflexion/reflexion.ts";
import { isLooping } from "./reasoning/tool_loop.ts";
import { holds } from "./termination/stop_check.ts";

/** What the loop needs of the options of an agent. */
export function toSettings(config: AgentConfig): RunSettings {
  return {
    ...config,
    instruction: config.output?.instruction ?? null,
    responseFormat: config.output?.format,
    limits: limitsOf(config),
    stopChecks: stopChecksOf(config),
  };
}

function limitsOf(config: AgentConfig): StateLimits {
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

/** What ends a run before its next turn: the first that holds gives the reason. */
function stopChecksOf(config: AgentConfig): readonly StopCheck[] {
  const { timeBudgetSeconds, termination, tokenBudget, completionMode } = config;
  return [
    ...timeBudgetSeconds === null ? [] : [outOfTime(timeBudgetSeconds)],
    isCancelled,
    ...termination === null ? [] : [holds(termination)],
    terminalTool,
    outOfTurns(config.maxIterations),
    ...tokenBudget === null ? [] : [outOfTokens(tokenBudget)],
    ...completionMode === "explicit"
      ? []
      : [isConfident, isLooping(config.toolLoopThreshold), isIdle],
  ];
}
