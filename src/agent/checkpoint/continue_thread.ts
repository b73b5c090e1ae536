/** A new run at the end of a conversation. */

import { rememberedOutcomes } from "../idempotency.ts";
import type { RunHandle } from "../run_handle.ts";
import { ToolBatch } from "../tool_batch.ts";
import { cancelledByHook } from "../tool_outcome.ts";
import { settled } from "../tool_plan.ts";
import { restoreBatch } from "./restore.ts";
import type { StoredBatch, StoredRun } from "./stored_run.ts";

/**
 * Begins a run with what its thread holds: the conversation, the executions and the metadata. Whatever
 * counts or limits a run begins anew.
 *
 * A question that is still open will not be answered any more, and the model is told so.
 */
export function continueThread(run: RunHandle, { state, paused }: StoredRun): void {
  run.update({
    messages: state.messages,
    tool_executions: state.tool_executions,
    metadata: Object.freeze({ ...run.config.metadata, ...state.metadata, ...run.metadata }),
  });
  if (paused !== null) closeQuestion(run, paused);
  run.progress.firstExecution = run.state.tool_executions.length;
  run.progress.firstMessage = run.state.messages.length;
  const outcomes = rememberedOutcomes(run, run.state.tool_executions);
  for (const [key, outcome] of outcomes) run.progress.idempotent.set(key, outcome);
}

/** Ends a turn that waited for a person: each of its calls gets a result, as models demand it. */
function closeQuestion(run: RunHandle, stored: StoredBatch): void {
  run.paused.forget(stored.question.interrupt_id);
  const outcome = cancelledByHook(stored.answered ? BROKEN_OFF : UNANSWERED);
  const paused = restoreBatch(stored, settled(outcome));
  const batch = new ToolBatch(run, paused.response, paused);
  batch.outcomes[stored.index] = outcome;
  batch.commit();
  batch.close();
  run.terminalResult = null;
}

const UNANSWERED = "Cancelled: the question was not answered";
const BROKEN_OFF = "Cancelled: the run broke off here, it is not known how far the tool came";
