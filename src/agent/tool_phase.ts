/** Runs the tool calls of one turn: all begin, they run, all complete. */

import type { AgentEvent } from "./events.ts";
import { Limiter } from "./limiter.ts";
import type { ModelResponse } from "./model/response.ts";
import type { PausedRun, RunHandle } from "./run_handle.ts";
import { ToolBatch } from "./tool_batch.ts";
import { cancelled, stoppedBySibling } from "./tool_outcome.ts";
import type { PausedBatch } from "./tool_plan.ts";

/**
 * Executes what the model asks for.
 *
 * - **Concurrent:** all `tool_start` events, then the `tool_complete` events: in the order of the calls
 *   or, with `toolEventOrder: "completion"`, as they finish. At most `maxConcurrency` bodies at once.
 * - **Sequential:** start and complete of one call, then of the next.
 * - One that fails stops neither the others nor the run. One that asks a person stops the others.
 * - When the run is cancelled, every call that has begun completes at once; the others never begin.
 *
 * @returns What is needed to go on, if a person is asked.
 */
export async function* runTools(
  run: RunHandle,
  response: ModelResponse,
): AsyncGenerator<AgentEvent, PausedBatch | null> {
  const batch = new ToolBatch(run, response);
  try {
    yield* run.config.toolExecution === "sequential" ? inSequence(batch) : atOnce(batch);
    return conclude(batch, []);
  } finally {
    batch.close();
  }
}

/** Goes on with a turn whose question was answered: the asking tool runs again, and gets the answer. */
export async function* resumeTools(
  run: RunHandle,
  { batch: paused }: PausedRun,
  response: unknown,
): AsyncGenerator<AgentEvent, PausedBatch | null> {
  const batch = new ToolBatch(run, paused.response, paused);
  // The answer is the tool's own, unless it is what lets the tool be called.
  const answers = batch.decide(paused.index, response) ? [] : [...paused.answers, response];
  try {
    await batch.execute(paused.index, answers);
    yield* settleRest(batch, [paused.index]);
    return conclude(batch, answers);
  } finally {
    batch.close();
  }
}

async function* inSequence(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  for (const index of batch.calls.keys()) {
    if (batch.stopped) return;
    yield await batch.prepare();
    await batch.admit();
    await batch.execute(index);
    yield* settleRest(batch, [index]);
  }
}

async function* atOnce(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  const { maxConcurrency, toolEventOrder } = batch.run.config;
  for (const _ of batch.calls) {
    if (batch.stopped) break;
    yield await batch.prepare();
    await batch.admit();
  }
  const limiter = new Limiter(maxConcurrency);
  const tasks: Promise<void>[] = [];
  for (const [index, { plan }] of batch.prepared.entries()) {
    // A copy waits outside of the limit: it costs nothing.
    tasks.push(
      plan.kind === "copy"
        ? tasks[plan.of]!.then(() => batch.copy(index))
        : plan.kind === "execute"
        ? limiter.run(() => batch.execute(index))
        : batch.execute(index),
    );
  }
  const open = new Set(tasks.keys());
  const settled = toolEventOrder === "completion" ? asSettled(tasks) : inOrder(tasks);
  for (const next of settled) {
    const index = await next;
    if (batch.asking !== null) break;
    open.delete(index);
    yield batch.complete(index);
  }
  await Promise.all(tasks);
  if (open.size > 0) yield* settleRest(batch, [...open]);
}

/** Completes what has ended: first what was done, then what was stopped, not what asks. */
async function* settleRest(
  batch: ToolBatch,
  indexes: readonly number[],
): AsyncGenerator<AgentEvent, void> {
  if (batch.asking !== null && (batch.run.signal.aborted || batch.failure !== null)) {
    // Nobody will be asked any more.
    batch.outcomes[batch.asking.index] = cancelled();
    batch.asking = null;
  }
  const ended = indexes.filter((index) => batch.outcomes[index] !== undefined);
  for (const wasStopped of [false, true]) {
    for (const index of ended) {
      if (batch.outcomes[index]!.cancelled === wasStopped) yield batch.complete(index);
    }
  }
}

function conclude(batch: ToolBatch, answers: readonly unknown[]): PausedBatch | null {
  const { asking, response, prepared, outcomes, failure } = batch;
  if (failure !== null) {
    batch.commit();
    throw failure.error;
  }
  if (asking === null) {
    batch.commit();
    return null;
  }
  // Calls that had not begun will not: the model is told, but there are no events of them.
  for (const index of batch.calls.keys()) {
    if (index !== asking.index) outcomes[index] ??= stoppedBySibling();
  }
  return { response, prepared, outcomes, ...asking, answers };
}

/** The indexes of the tasks, each when its task is done. */
function inOrder(tasks: readonly Promise<void>[]): Promise<number>[] {
  return tasks.map((task, index) => task.then(() => index));
}

/** The indexes of the tasks as they settle. */
function asSettled(tasks: readonly Promise<void>[]): Promise<number>[] {
  const places = tasks.map(() => Promise.withResolvers<number>());
  let settled = 0;
  tasks.forEach((task, index) => void task.then(() => places[settled++]!.resolve(index)));
  return places.map(({ promise }) => promise);
}
