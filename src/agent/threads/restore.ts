/** A stored run in the hands of an agent that may have nothing but the same tools. */

import { InterruptError } from "../state/errors.ts";
import type { ModelResponse } from "../model/response.ts";
import type { Feature } from "../loop/feature.ts";
import type { PausedRun } from "../loop/run_persistence.ts";
import { checkArguments } from "../loop/tool_calls/tool_call.ts";
import { finish } from "../state/steps.ts";
import { settled } from "../loop/tool_calls/tool_plan.ts";
import type {
  Execute,
  OpenCall,
  PausedBatch,
  Plan,
  PreparedCall,
} from "../loop/tool_calls/tool_plan.ts";
import { errorText } from "../state/texts.ts";
import { StoredDataError } from "../json_schema/shapes.ts";
import type { Tool } from "../tools/tool.ts";
import { unreadable } from "./snapshot.ts";
import type { StoredBatch, StoredCall, StoredRun } from "./stored_run.ts";

/** A stored run whose question is still open. */
export type StoredPause = StoredRun & { readonly paused: StoredBatch };

/** What an agent goes on with. */
export interface Restorer {
  readonly tools: ReadonlyMap<string, Tool>;
  /** Makes the features of one run. */
  createFeatures(): readonly Feature[];
}

/**
 * The run that waits for an answer.
 *
 * @throws {CheckpointError} If what a feature kept cannot be read.
 * @throws {InterruptError} If the agent lacks the tool that asks, or it no longer takes its arguments.
 */
export async function restorePaused(
  stored: StoredPause,
  threadId: string,
  { tools, createFeatures }: Restorer,
  signal: AbortSignal,
): Promise<PausedRun> {
  const { state, counters, paused } = stored;
  return {
    state,
    counters: {
      elapsedMs: counters.elapsed_ms,
      toolCalls: counters.tool_calls,
      firstMessage: counters.first_message,
      firstExecution: counters.first_execution,
    },
    features: restoreFeatures(createFeatures(), stored, threadId),
    batch: restoreBatch(paused, await planOpen(paused, tools, signal), tools),
    waits: paused.waits ?? { since: null, place: null },
  };
}

/** A turn that waits for a person. @param plans What is to be done about the calls that are not over; by index. */
export function restoreBatch(
  stored: StoredBatch,
  plans: ReadonlyMap<number, Plan>,
  tools: ReadonlyMap<string, Tool>,
): PausedBatch {
  const { argument_errors, ...answer } = stored.response;
  const outcomes = stored.outcomes.map((outcome) => outcome ?? undefined);
  const response: ModelResponse = {
    ...answer,
    argumentErrors: new Map(Object.entries(argument_errors)),
    usage: null,
    stop_reason: null,
    parts: null,
  };
  const prepared = stored.arguments.map((args, i): PreparedCall => {
    const outcome = outcomes[i];
    const plan = outcome === undefined ? plans.get(i)! : settled(outcome);
    const call = response.tool_calls[i]!;
    return { call, args, tool: tools.get(call.name), plan, span: null };
  });
  const open = stored.open.map(({ index, question, answers, kept, attempts, span_id: spanId }) => ({
    index,
    question,
    answers,
    kept: kept ?? undefined,
    attempts,
    spanId,
  }));
  // Checked as it was read: the first one asks.
  return { response, prepared, outcomes, open: open as readonly OpenCall[] as PausedBatch["open"] };
}

/** What is to be done about the calls that are not over: tools and arguments are not stored. */
async function planOpen(
  { response, open }: StoredBatch,
  tools: ReadonlyMap<string, Tool>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Plan>> {
  const plans = new Map<number, Plan>();
  for (const call of open) {
    const { name } = response.tool_calls[call.index]!;
    const plan: Plan = call.copy_of === null
      ? await planOne(tools, name, call, signal)
      : { kind: "copy", of: call.copy_of };
    plans.set(call.index, plan);
  }
  return plans;
}

async function planOne(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  { input, key, approval, question }: StoredCall,
  signal: AbortSignal,
): Promise<Plan> {
  const tool = tools.get(name);
  if (tool === undefined) {
    throw new InterruptError(
      `Cannot resume: the tool "${name}" asked, and this agent has no tool of that name; ` +
        `give it the tools of the agent that was asked`,
    );
  }
  const checked = await finish(checkArguments(tool, input, null, signal));
  if ("error" in checked) {
    throw new InterruptError(
      `Cannot resume: the tool "${name}" no longer takes what it was called with: ${checked.error}`,
    );
  }
  const execute: Execute = { kind: "execute", tool, value: checked.value, input, key };
  return approval && question !== null ? { kind: "approve", question, then: execute } : execute;
}

/** The features of a run, with what was kept of them. */
function restoreFeatures(
  features: readonly Feature[],
  { state, features: parts, paused }: StoredPause,
  threadId: string,
): readonly Feature[] {
  const finished = paused.outcomes.flatMap((outcome, i) =>
    outcome === null ? [] : [{
      ...outcome,
      tool_name: paused.response.tool_calls[i]!.name,
      arguments: paused.arguments[i] ?? {},
      idempotent_cache_hit: outcome.cached,
    }]
  );
  const executions = [...state.tool_executions, ...finished];
  for (const feature of features) {
    try {
      feature.load?.(parts[feature.name], executions);
    } catch (error) {
      const why = error instanceof StoredDataError ? error.message : errorText(error);
      throw unreadable(threadId, `features.${feature.name}: ${why}`);
    }
  }
  const known = new Set(features.map(({ name }) => name));
  const others = Object.keys(parts).filter((name) => !known.has(name));
  return [...features, ...others.map((name) => keptPart(name, parts[name]))];
}

/** What a feature kept that this agent does not have: it is saved again. */
function keptPart(name: string, part: unknown): Feature {
  return { name, save: () => part };
}
