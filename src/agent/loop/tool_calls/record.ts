/** What the calls of a turn came to, as the conversation and the state have it. */

import { toTimestamp } from "../../../core/timestamp.ts";
import { type Message, type ToolCall, toolMessage } from "../../state/messages.ts";
import type { ToolExecution } from "../../state/state.ts";
import { contentFor, NOT_EXECUTED, toExecution, type ToolOutcome } from "../../tools/outcome.ts";
import type { PreparedCall } from "./tool_plan.ts";

/** In the order of the calls. One that was never begun, because the turn was stopped before it, has no outcome. */
export function recordCalls(
  calls: readonly ToolCall[],
  prepared: readonly PreparedCall[],
  outcomes: readonly (ToolOutcome | undefined)[],
): { messages: Message[]; executions: ToolExecution[] } {
  const timestamp = toTimestamp(Date.now());
  const executions: ToolExecution[] = [];
  const messages: Message[] = [];
  for (const [index, call] of calls.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) {
      messages.push(toolMessage(call, NOT_EXECUTED, true));
      continue;
    }
    const args = prepared[index]?.args ?? call.arguments;
    executions.push(toExecution(call, args, outcome, timestamp));
    messages.push(toolMessage(call, contentFor(outcome), outcome.error !== null, outcome.files));
  }
  return { messages, executions };
}
