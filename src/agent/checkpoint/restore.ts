/** A stored run in the hands of an agent that may have nothing but the same tools. */

import { InterruptError } from "../errors.ts";
import { idempotencyKey, rememberedOutcomes } from "../idempotency.ts";
import type { ModelResponse } from "../model/response.ts";
import { GrowingChain } from "../reasoning/causal/growing_chain.ts";
import type { PausedRun, Progress, RunHandle } from "../run_handle.ts";
import { checkArguments } from "../tool_call.ts";
import { settled } from "../tool_plan.ts";
import type { Execute, PausedBatch, Plan, PreparedCall } from "../tool_plan.ts";
import type { StoredBatch, StoredProgress, StoredRun } from "./stored_run.ts";

/** A stored run whose question is still open. */
export type StoredPause = StoredRun & { readonly paused: StoredBatch };

/**
 * The run that waits for an answer.
 *
 * @throws {InterruptError} If the agent lacks the tool that asks, or it no longer takes its arguments.
 */
export async function restorePaused(run: RunHandle, stored: StoredPause): Promise<PausedRun> {
  const { state, progress, paused } = stored;
  return {
    state,
    progress: restoreProgress(run, stored, progress),
    batch: restoreBatch(paused, await planAsking(run, paused)),
  };
}

/** A turn that waits for a person. @param asking What is to be done about the call that asks. */
export function restoreBatch(stored: StoredBatch, asking: Plan): PausedBatch {
  const { index, question, answers } = stored;
  const outcomes = stored.outcomes.map((outcome) => outcome ?? undefined);
  const response: ModelResponse = {
    ...stored.response,
    argumentErrors: new Map(),
    usage: null,
    stop_reason: null,
    parts: null,
  };
  const prepared = stored.arguments.map((args, i): PreparedCall => {
    const outcome = outcomes[i];
    const plan = outcome === undefined ? asking : settled(outcome);
    return { call: response.tool_calls[i]!, args, plan };
  });
  return { response, prepared, outcomes, index, question, answers };
}

/** What is to be done about the call that asks: the tool and its arguments are not stored. */
async function planAsking(run: RunHandle, stored: StoredBatch): Promise<Plan> {
  const { response, index, input, approval, question } = stored;
  const { name } = response.tool_calls[index]!;
  const tool = run.tools.get(name);
  if (tool === undefined) {
    throw new InterruptError(
      `Cannot resume: the tool "${name}" asked, and this agent has no tool of that name; ` +
        `give it the tools of the agent that was asked`,
    );
  }
  const checked = await checkArguments(tool, input, undefined, run.signal);
  if ("error" in checked) {
    throw new InterruptError(
      `Cannot resume: the tool "${name}" no longer takes what it was called with: ${checked.error}`,
    );
  }
  const key = tool.idempotent ? idempotencyKey(name, checked.plain) : null;
  const execute: Execute = { kind: "execute", tool, value: checked.value, input, key };
  return approval ? { kind: "approve", question, then: execute } : execute;
}

function restoreProgress(
  run: RunHandle,
  { state, paused }: StoredPause,
  stored: StoredProgress,
): Progress {
  const finished = paused.outcomes.flatMap((outcome, i) =>
    outcome === null ? [] : [{
      ...outcome,
      tool_name: paused.response.tool_calls[i]!.name,
      arguments: paused.arguments[i] ?? {},
      idempotent_cache_hit: outcome.cached,
    }]
  );
  return {
    elapsedMs: stored.elapsed_ms,
    toolCalls: stored.tool_calls,
    firstMessage: stored.first_message,
    firstExecution: stored.first_execution,
    grounding: stored.grounding,
    causes: stored.causes === null ? null : new GrowingChain(stored.causes),
    reflexionEvaluations: stored.reflexion_evaluations,
    unverifiedWrite: stored.unverified_write,
    idempotent: rememberedOutcomes(run, [...state.tool_executions, ...finished]),
  };
}
