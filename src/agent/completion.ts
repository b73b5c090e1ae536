/** What keeps a run on its way to a sound end: plans, reminders, and checks before it may say "done". */

import { type Message, systemMessage, type ToolCall } from "./messages.ts";
import type { AgentConfig } from "./config.ts";
import type { RunHandle } from "./run_handle.ts";
import type { ToolExecution } from "./state.ts";
import { succeeded, type ToolOutcome } from "./tool_outcome.ts";
import { askUserTool, TASK_COMPLETE, taskCompleteTool } from "./tools/builtins.ts";
import type { Tool } from "./tools/tool.ts";

/** The tools that an agent has: its own, in explicit mode the built-in ones, and that of its store. */
export function withBuiltins(config: AgentConfig): Map<string, Tool> {
  const tools = new Map(config.tools.map((tool) => [tool.name, tool]));
  if (config.completionMode === "explicit") {
    for (const tool of [taskCompleteTool(), askUserTool()]) {
      if (!tools.has(tool.name)) tools.set(tool.name, tool);
    }
  }
  const reader = config.toolResultStore?.tool;
  if (reader !== undefined && !tools.has(reader.name)) tools.set(reader.name, reader);
  return tools;
}

/** What the model is told before a turn begins. */
export function instructionsFor({ config, state }: RunHandle): Message[] {
  const messages: Message[] = [];
  if (config.planning && state.iteration === 1) messages.push(systemMessage(PLAN));
  if (config.completionMode === "explicit") {
    const left = config.maxIterations - state.iteration;
    if (left === 2) messages.push(systemMessage(WRAP_UP));
    if (left === 0) messages.push(systemMessage(LAST_CHANCE));
  }
  return messages;
}

/** What the model is told after a turn with these executions. */
export function remindersFor(
  { config }: RunHandle,
  executions: readonly ToolExecution[],
): Message[] {
  const hasWritten = executions.some((execution) =>
    config.verifyTools.has(execution.tool_name) && !execution.idempotent_cache_hit &&
    hasRun(execution)
  );
  return hasWritten ? [systemMessage(VERIFY)] : [];
}

/** Notes whether there is work that no tool has checked. */
export function noteVerification(run: RunHandle, name: string, outcome: ToolOutcome): void {
  if (outcome.cached || !hasRun(outcome)) return;
  const { verifyTools, verificationTools } = run.config;
  if (verifyTools.has(name)) run.progress.unverifiedWrite = true;
  if (verificationTools.has(name)) run.progress.unverifiedWrite = false;
}

/** Whether the tool's body really ran, and did not fail. */
function hasRun(call: Pick<ToolExecution, "error" | "cancelled">): boolean {
  return call.error === null && !call.cancelled;
}

/**
 * Refuses a call of `task_complete` while there is work that was not checked, also work of an earlier
 * call of the same turn; null if the call may go on.
 */
export function blockCompletion(
  { config, progress }: RunHandle,
  call: ToolCall,
  earlier: readonly { readonly call: ToolCall }[],
): ToolOutcome | null {
  if (config.completionMode !== "explicit" || !config.requireVerification) return null;
  if (call.name !== TASK_COMPLETE) return null;
  // Calls of the same turn run beside each other, so a check among them proves nothing.
  const beside = config.toolExecution === "concurrent" &&
    earlier.some((other) => config.verifyTools.has(other.call.name));
  return progress.unverifiedWrite || beside ? succeeded(BLOCKED, 0) : null;
}

const PLAN = "Before you act, write a short numbered plan of the steps you will take. " +
  "Then carry it out, and change it when you learn something new.";

const WRAP_UP = `Only two turns are left. Finish the most important work now, then call ` +
  `${TASK_COMPLETE} with a summary.`;

const LAST_CHANCE = `This is the last turn. Call ${TASK_COMPLETE} now with a summary of what is ` +
  `done and what is not.`;

const VERIFY = "You have changed something. Check that it is right, for example by running or " +
  "reading it, before you say that the task is done.";

const BLOCKED = "BLOCKED: something was written that has not been checked since. Check it with a " +
  `tool first, then call ${TASK_COMPLETE} again.`;
