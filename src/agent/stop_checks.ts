/** What ends a run before its next turn: checked in this order, the first that holds wins. */

import { lastAssistantText } from "./messages.ts";
import type { RunHandle } from "./run_handle.ts";
import { isRepeating } from "./reasoning/tool_loop.ts";
import { totalTokens } from "./state.ts";
import { type StopReason, toStopReason } from "../events/stop_reason.ts";

/** Why a run ends before its next turn. */
export interface Stop {
  /** One of the agent's own reasons, or what a condition of the user says. */
  readonly reason: string;
  /** Whether it is out of turns by the agent's own count: then it is asked to sum up. */
  readonly wantsSummary: boolean;
}

/** Why to end the run now; null if it goes on. */
export function findStop(run: RunHandle): Stop | null {
  for (const check of CHECKS) {
    const reason = check(run);
    if (reason !== null) return { reason, wantsSummary: check === outOfTurns };
  }
  return null;
}

/** What to answer when a run ends for `reason`. */
export function finalMessageFor(run: RunHandle, reason: string): string | null {
  const { state, progress, terminalResult } = run;
  const text = lastAssistantText(state.messages, progress.firstMessage);
  if (reason === "cancelled") return text ?? "Agent cancelled by external signal.";
  if (toStopReason(reason) !== "terminal_tool") return text;
  // What the model said with the call, else what the tool returned, else what it said before.
  const answer = state.messages.findLast((message) => message.role === "assistant");
  return answer?.content ?? terminalResult ?? text;
}

type Check = (run: RunHandle) => string | null;

const outOfTurns = when(
  "max_iterations",
  ({ state, config }) => state.iteration >= config.maxIterations,
);

const CHECKS: readonly Check[] = [
  when("time_budget", isOutOfTime),
  when("cancelled", (run) => run.signal.aborted),
  checkTermination,
  when("terminal_tool", (run) => run.terminalResult !== null),
  outOfTurns,
  when("token_budget", isOutOfTokens),
  when("confidence_met", (run) => isAuto(run) && isConfident(run)),
  when("tool_loop", (run) => isAuto(run) && isLooping(run)),
  when("no_tools", (run) => isAuto(run) && isIdle(run)),
];

function when(reason: StopReason, holds: (run: RunHandle) => boolean): Check {
  return (run) => holds(run) ? reason : null;
}

/** What the user's own condition says. */
function checkTermination(run: RunHandle): string | null {
  const { state, progress, config: { termination } } = run;
  if (termination === null) return null;
  const { firstMessage, firstExecution } = progress;
  const answer = state.messages.findLast(({ role }, i) =>
    role === "assistant" && i >= firstMessage
  );
  return termination.check(state, {
    lastMessage: lastAssistantText(state.messages, firstMessage),
    noToolCalls: answer?.tool_calls.length === 0,
    executions: state.tool_executions.slice(firstExecution),
    elapsedMs: run.elapsedMs(),
  });
}

function isAuto({ config }: RunHandle): boolean {
  return config.completionMode === "auto";
}

function isOutOfTime(run: RunHandle): boolean {
  const { timeBudgetSeconds } = run.config;
  return timeBudgetSeconds !== null && run.elapsedMs() >= timeBudgetSeconds * 1000;
}

function isOutOfTokens({ state, progress, config: { tokenBudget } }: RunHandle): boolean {
  return tokenBudget !== null && totalTokens(state, progress.firstMessage) >= tokenBudget;
}

function isConfident({ state }: RunHandle): boolean {
  return state.confidence >= state.confidence_threshold;
}

function isLooping({ state, config }: RunHandle): boolean {
  return isRepeating(state.reasoning_steps, config.toolLoopThreshold);
}

/** The model answered without ever asking for a tool, and nobody has said anything since. */
function isIdle({ state, progress }: RunHandle): boolean {
  const messages = state.messages.slice(progress.firstMessage);
  return state.iteration > 0 && messages.at(-1)?.role !== "user" &&
    messages.some((message) => message.role === "assistant") &&
    messages.every((message) => message.tool_calls.length === 0);
}
