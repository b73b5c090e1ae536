/** The user's own condition, as the loop asks it. */

import type { StopCheck } from "../loop/stop_checks.ts";
import { lastAssistantText } from "../state/messages.ts";
import type { TerminationCondition } from "./condition.ts";

/** Ends the run when the condition holds. */
export function holds(condition: TerminationCondition): StopCheck {
  return (run) => {
    const { state, firstMessage, executions } = run;
    const answer = state.messages.findLast(({ role }, i) =>
      role === "assistant" && i >= firstMessage
    );
    const reason = condition.check(state, {
      lastMessage: lastAssistantText(state.messages, firstMessage),
      noToolCalls: answer?.tool_calls.length === 0,
      executions,
      elapsedMs: run.elapsedMs(),
    });
    return reason === null ? null : { reason };
  };
}
