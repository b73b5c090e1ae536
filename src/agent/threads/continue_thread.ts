/** A new run at the end of a conversation. */

import type { Conversation } from "../loop/run_persistence.ts";
import { type PausedBatch, recordCalls, settled } from "../loop/tool_calls/tool_plan.ts";
import type { AgentState } from "../state/state.ts";
import { cancelledByHook, notExecuted } from "../tools/outcome.ts";
import type { Tool } from "../tools/tool.ts";
import { restoreBatch } from "./restore.ts";
import type { StoredRun } from "./stored_run.ts";

/**
 * What a thread holds for a new run.
 *
 * A question that is still open will not be answered any more; a message tells the model. Each call of the turn that
 * waited for the answer gets a result, as models demand it.
 */
export function conversationOf(
  { state, paused, features }: StoredRun,
  tools: ReadonlyMap<string, Tool>,
): Conversation {
  if (paused === null) {
    const { messages, tool_executions, metadata } = state;
    return { messages, tool_executions, metadata, features };
  }
  const outcome = settled(notExecuted());
  const plans = new Map(paused.open.map(({ index }) => [index, outcome]));
  const batch = restoreBatch(paused, plans, tools);
  return { ...withoutAnswer(state, batch, paused.answered), features };
}

/** The same of a run that waits. @param answered Whether its answer was being worked with when it broke off. */
export function withoutAnswer(
  state: AgentState,
  { response, prepared, outcomes: before, open: [asking, ...others] }: PausedBatch,
  answered = false,
): Conversation {
  const outcomes = [...before];
  outcomes[asking.index] = cancelledByHook(answered ? BROKEN_OFF : UNANSWERED);
  for (const { index, question } of others) {
    outcomes[index] = question === null ? notExecuted() : cancelledByHook(UNANSWERED);
  }
  const { messages, executions } = recordCalls(response.tool_calls, prepared, outcomes);
  return {
    messages: [...state.messages, ...messages],
    tool_executions: [...state.tool_executions, ...executions],
    metadata: state.metadata,
  };
}

const UNANSWERED = "Cancelled: the question was not answered";
const BROKEN_OFF = "Cancelled: the run broke off here, it is not known how far the tool came";
