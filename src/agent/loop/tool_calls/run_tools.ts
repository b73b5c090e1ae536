/** Runs the tool calls of one turn: all begin, they run, all complete. */

import { deferred } from "../../../runtime/deferred.ts";
import type { AgentEvent } from "../../state/events.ts";
import { Limiter } from "../limiter.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { PausedRun } from "../run_persistence.ts";
import type { RunSegment } from "../run_segment.ts";
import { ToolBatch } from "./tool_batch.ts";
import type { PausedBatch } from "./tool_plan.ts";

/**
 * Executes what the model asks for.
 *
 * - **Concurrent:** all `tool_start` events, then the `tool_complete` events: in the order of the calls
 *   or, with `toolEventOrder: "completion"`, as they finish. At most `maxConcurrency` bodies at once.
 * - **Sequential:** start and complete of one call, then of the next.
 * - One that fails stops neither the others nor the run. One that asks a person stops those that are at work; what has
 *   not begun waits, and if several ask, they are answered one after the other.
 * - When the run is cancelled, every call that has begun completes at once; the others never begin.
 *
 * @returns What is needed to go on, if a person is asked.
 */
export async function* runTools(
  run: RunSegment,
  response: ModelResponse,
): AsyncGenerator<AgentEvent, PausedBatch | null> {
  const batch = new ToolBatch(run, response);
  try {
    yield* goOn(batch);
    return conclude(batch);
  } finally {
    batch.close();
  }
}

/**
 * Goes on with a turn whose question was answered: the asking tool runs again, and gets the answer. If nothing else is
 * asked, what waited follows.
 */
export async function* resumeTools(
  run: RunSegment,
  { batch: paused, waits }: PausedRun,
  response: unknown,
): AsyncGenerator<AgentEvent, PausedBatch | null> {
  const batch = new ToolBatch(run, paused.response, paused);
  const [asking] = paused.open;
  batch.reopen(paused.open, waits.place);
  batch.answer(asking, response);
  try {
    await batch.execute(asking.index);
    yield* settleRest(batch);
    if (!batch.stopped) yield* goOn(batch);
    return conclude(batch);
  } finally {
    batch.close();
  }
}

function goOn(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  return batch.run.settings.toolExecution === "sequential" ? inSequence(batch) : atOnce(batch);
}

async function* inSequence(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  for (const index of batch.calls.keys()) {
    if (batch.outcomes[index] !== undefined) continue;
    if (batch.stopped) break;
    if (index >= batch.prepared.length) {
      yield await batch.prepare();
      await batch.admit();
    }
    await batch.execute(index);
    yield* settleRest(batch);
  }
  yield* settleRest(batch);
}

async function* atOnce(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  const { maxConcurrency, toolEventOrder } = batch.run.settings;
  while (batch.prepared.length < batch.calls.length && !batch.stopped) {
    yield await batch.prepare();
    await batch.admit();
  }
  const limiter = new Limiter(maxConcurrency);
  const tasks = new Map<number, Promise<void>>();
  for (const index of batch.open) {
    const { plan } = batch.prepared[index]!;
    const execute = () => batch.execute(index);
    // A copy waits outside of the limit: it costs nothing.
    const task = plan.kind === "copy"
      ? Promise.resolve(tasks.get(plan.of)).then(execute)
      : plan.kind === "execute"
      ? limiter.run(execute)
      : execute();
    tasks.set(index, task);
  }
  const settled = toolEventOrder === "completion" ? asSettled(tasks) : inOrder(tasks);
  try {
    for (const next of settled) {
      const index = await next;
      if (batch.outcomes[index] === undefined || batch.isAsking) break;
      yield batch.complete(index);
    }
  } finally {
    // Also if the consumer leaves: what has been done by then has to be known.
    await Promise.all(tasks.values());
  }
  yield* settleRest(batch);
}

/** Completes what has ended, not what has to wait for a person. */
async function* settleRest(batch: ToolBatch): AsyncGenerator<AgentEvent, void> {
  for (;;) {
    // Nobody will be asked any more. The consumer of the events may stop the run at each of them.
    if (batch.run.signal.aborted || batch.failure !== null) batch.withdraw();
    const [index] = batch.untold;
    if (index === undefined) return;
    yield batch.complete(index);
  }
}

function conclude(batch: ToolBatch): PausedBatch | null {
  if (batch.failure !== null) throw batch.failure.error;
  return batch.pause();
}

/** The indexes of the tasks, each when its task is done. */
function inOrder(tasks: ReadonlyMap<number, Promise<void>>): Promise<number>[] {
  return Array.from(tasks, ([index, task]) => task.then(() => index));
}

function asSettled(tasks: ReadonlyMap<number, Promise<void>>): Promise<number>[] {
  const places = Array.from(tasks, () => deferred<number>());
  let settled = 0;
  for (const [index, task] of tasks) {
    void task.then(() => places[settled++]!.resolve(index));
  }
  return places.map(({ promise }) => promise);
}
