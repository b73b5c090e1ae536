/** What ends a run before its next turn. */

import { lastAssistantText, type Message } from "../state/messages.ts";
import { type AgentState, type ToolExecution, totalTokens } from "../state/state.ts";
import { toStopReason } from "../../events/stop_reason.ts";

export interface Stop {
  /** One of the agent's own reasons, or what a condition of the user says. */
  readonly reason: string;
  /** Whether it is out of turns by the agent's own count: then it is asked to sum up. @default {false} */
  readonly wantsSummary?: boolean;
}

export interface RunLook {
  readonly state: AgentState;
  readonly executions: readonly ToolExecution[];
  readonly firstMessage: number;
  /** The result of a terminal tool that ended the latest turn; null if none did. */
  readonly terminalResult: string | null;
  readonly signal: AbortSignal;
  elapsedMs(): number;
}

/** Whether to end the run now. Pure: one list serves all runs of an agent. */
export type StopCheck = (run: RunLook) => Stop | null;

/** Why to end the run now: by the first check that holds; null if it goes on. */
export function findStop(run: RunLook, checks: readonly StopCheck[]): Stop | null {
  for (const check of checks) {
    const stop = check(run);
    if (stop !== null) return stop;
  }
  return null;
}

export function outOfTime(seconds: number): StopCheck {
  return (run) => run.elapsedMs() >= seconds * 1000 ? OUT_OF_TIME : null;
}

export function isCancelled({ signal }: RunLook): Stop | null {
  return signal.aborted ? { reason: reasonOf(signal) } : null;
}

export function reasonOf({ reason }: AbortSignal): "time_budget" | "cancelled" {
  return reason === TIME_IS_UP ? "time_budget" : "cancelled";
}

/** What a run is aborted with that has used up its time. One for all, told by its identity. */
export const TIME_IS_UP = new DOMException("The run has used up its time", "TimeoutError");

export function terminalTool({ terminalResult }: RunLook): Stop | null {
  return terminalResult === null ? null : TERMINAL_TOOL;
}

export function outOfTurns(maxIterations: number): StopCheck {
  return ({ state }) => state.iteration >= maxIterations ? OUT_OF_TURNS : null;
}

export function outOfTokens(budget: number): StopCheck {
  return ({ state, firstMessage }) =>
    totalTokens(state, firstMessage) >= budget ? OUT_OF_TOKENS : null;
}

/** The model answered without ever asking for a tool, and there is no message since. */
export function isIdle({ state, firstMessage }: RunLook): Stop | null {
  if (state.iteration === 0) return null;
  const messages = state.messages.slice(firstMessage);
  const last = messages.at(-1);
  const hasAnswered = last?.role !== "user" && last?.metadata.is_paused !== true &&
    messages.some((message) => message.role === "assistant") && messages.every(callsNothing);
  return hasAnswered ? IDLE : null;
}

function callsNothing({ tool_calls }: Message): boolean {
  return tool_calls.length === 0;
}

const OUT_OF_TIME: Stop = { reason: "time_budget" };
const TERMINAL_TOOL: Stop = { reason: "terminal_tool" };
const OUT_OF_TURNS: Stop = { reason: "max_iterations", wantsSummary: true };
const OUT_OF_TOKENS: Stop = { reason: "token_budget" };
const IDLE: Stop = { reason: "no_tools" };

export function finalMessageFor(run: RunLook, reason: string): string | null {
  const { state, firstMessage, terminalResult } = run;
  const text = lastAssistantText(state.messages, firstMessage);
  if (reason === "cancelled") return text ?? "Agent cancelled by external signal.";
  if (toStopReason(reason) !== "terminal_tool") return text;
  // What the model said with the call, else what the tool returned, else what it said before.
  const answer = state.messages.findLast((message) => message.role === "assistant");
  return answer?.content ?? terminalResult ?? text;
}
