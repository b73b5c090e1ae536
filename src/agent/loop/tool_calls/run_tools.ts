/** Runs the tool calls of one turn: all begin, they run, all complete. */

import { deferred } from "../../../runtime/deferred.ts";
import { Limiter } from "../limiter.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { PausedRun } from "../run_persistence.ts";
import type { RunSegment } from "../run_segment.ts";
import { type Steps, until } from "../../state/steps.ts";
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
export function* runTools(
  run: RunSegment,
  response: ModelResponse,
): Steps<PausedBatch | null> {
  const batch = new ToolBatch(run, response);
  try {
    yield* goOn(batch);
    return conclude(batch);
  } catch (error) {
    yield* settle(batch);
    throw error;
  } finally {
    batch.close();
  }
}

/**
 * Goes on with a turn whose question was answered: the asking tool runs again, and gets the answer. If nothing else is
 * asked, what waited follows.
 */
export function* resumeTools(
  run: RunSegment,
  { batch: paused, waits }: PausedRun,
  response: unknown,
): Steps<PausedBatch | null> {
  const batch = new ToolBatch(run, paused.response, paused);
  const [asking] = paused.open;
  batch.reopen(paused.open, waits.place);
  batch.answer(asking, response);
  try {
    yield* until(batch.execute(asking.index));
    yield* settleRest(batch);
    if (!batch.stopped) yield* goOn(batch);
    return conclude(batch);
  } catch (error) {
    yield* settle(batch);
    throw error;
  } finally {
    batch.close();
  }
}

function goOn(batch: ToolBatch): Steps<void> {
  return batch.run.settings.toolExecution === "sequential" ? inSequence(batch) : atOnce(batch);
}

function* inSequence(batch: ToolBatch): Steps<void> {
  for (const index of batch.calls.keys()) {
    if (batch.outcomes[index] !== undefined) continue;
    if (batch.stopped) break;
    if (index >= batch.prepared.length) {
      yield yield* batch.prepare();
      yield* batch.admit();
    }
    yield* until(batch.execute(index));
    yield* settleRest(batch);
  }
  yield* settleRest(batch);
}

function* atOnce(batch: ToolBatch): Steps<void> {
  const { maxConcurrency, toolEventOrder } = batch.run.settings;
  while (batch.prepared.length < batch.calls.length && !batch.stopped) {
    yield yield* batch.prepare();
    yield* batch.admit();
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
  batch.running = Promise.all(tasks.values());
  const settled = toolEventOrder === "completion" ? asSettled(tasks) : inOrder(tasks);
  for (const next of settled) {
    const index = yield* until(next);
    if (batch.outcomes[index] === undefined || batch.isAsking) break;
    yield batch.complete(index);
  }
  yield* settle(batch);
  yield* settleRest(batch);
}

/** Waits for the calls that run. */
export function* settle(batch: Pick<ToolBatch, "running">): Steps<void> {
  yield* until(batch.running);
  batch.running = null;
}

/** Completes what has ended, not what has to wait for a person. */
function* settleRest(batch: ToolBatch): Steps<void> {
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
