/** What ends a run before its next turn: checked in this order, the first that holds wins. */

import { canonicalJson } from "./json.ts";
import { lastAssistantText } from "./messages.ts";
import type { StopReason } from "./result.ts";
import type { RunHandle } from "./run_handle.ts";
import { type ReasoningStep, totalTokens } from "./state.ts";

/** The reason to end the run now, or null. */
export function findStopReason(run: RunHandle): StopReason | null {
  return CHECKS.find(([, holds]) => holds(run))?.[0] ?? null;
}

/** What to answer when a run ends for `reason`. */
export function finalMessageFor(run: RunHandle, reason: StopReason): string | null {
  const { state, progress, terminalResult } = run;
  const text = lastAssistantText(state.messages, progress.firstMessage);
  switch (reason) {
    case "terminal_tool": {
      // What the model said with the call, else what the tool returned, else what it said before.
      const answer = state.messages.findLast((message) => message.role === "assistant");
      return answer?.content ?? terminalResult ?? text;
    }
    case "cancelled":
      return text ?? "Agent cancelled by external signal.";
    default:
      return text;
  }
}

type Check = readonly [StopReason, (run: RunHandle) => boolean];

const CHECKS: readonly Check[] = [
  ["time_budget", isOutOfTime],
  ["cancelled", (run) => run.signal.aborted],
  ["terminal_tool", (run) => run.terminalResult !== null],
  ["max_iterations", ({ state, config }) => state.iteration >= config.maxIterations],
  ["token_budget", isOutOfTokens],
  ["confidence_met", (run) => isAuto(run) && isConfident(run)],
  ["tool_loop", (run) => isAuto(run) && isLooping(run)],
  ["no_tools", (run) => isAuto(run) && isIdle(run)],
];

function isAuto({ config }: RunHandle): boolean {
  return config.completionMode === "auto";
}

function isOutOfTime(run: RunHandle): boolean {
  const { timeBudgetSeconds } = run.config;
  return timeBudgetSeconds !== null && run.elapsedMs() >= timeBudgetSeconds * 1000;
}

function isOutOfTokens({ state, config: { tokenBudget } }: RunHandle): boolean {
  return tokenBudget !== null && totalTokens(state) >= tokenBudget;
}

function isConfident({ state }: RunHandle): boolean {
  return state.confidence >= state.confidence_threshold;
}

/** The same calls with the same arguments, and nothing else, in the last turns. */
function isLooping({ state, config }: RunHandle): boolean {
  const steps = state.reasoning_steps.slice(-config.toolLoopThreshold);
  if (steps.length < config.toolLoopThreshold) return false;
  // Comparing texts is the expensive part: not while some turn of them called no tool.
  if (steps.some((step) => step.tool_calls.length === 0)) return false;
  const [first, ...others] = steps.map(signatureOf);
  return others.every((signature) => signature === first);
}

function signatureOf({ tool_calls }: ReasoningStep): string {
  const calls = tool_calls.map((call) => `${call.name} ${canonicalJson(call.arguments)}`);
  return [...new Set(calls)].sort().join("\n");
}

/** The model answered without ever asking for a tool, and nobody has said anything since. */
function isIdle({ state, progress }: RunHandle): boolean {
  const messages = state.messages.slice(progress.firstMessage);
  return state.iteration > 0 && messages.at(-1)?.role !== "user" &&
    messages.some((message) => message.role === "assistant") &&
    messages.every((message) => message.tool_calls.length === 0);
}
