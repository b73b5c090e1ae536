/** How a run waits for a person, and is taken up again. */

import { type AgentEvent, createEvent } from "./events.ts";
import type { PausedRun, RunHandle } from "./run_handle.ts";
import type { PausedBatch } from "./tool_plan.ts";

/**
 * Leaves a run to wait for a person: saved in its thread if it can be, otherwise in the memory of its
 * agent. @returns Its last event.
 */
export async function pause(run: RunHandle, batch: PausedBatch): Promise<AgentEvent> {
  const { question, index } = batch;
  const { call, args } = batch.prepared[index]!;
  run.update({
    pending_interrupt: Object.freeze({
      ...question,
      tool_call_id: call.id,
      tool_name: call.name,
      arguments: args,
      iteration: run.state.iteration - 1,
    }),
  });
  run.end("interrupted", question.question);
  const progress = { ...run.progress, elapsedMs: run.elapsedMs() };
  // Before the event: whoever gets it may resume at once, also in another process.
  const paused = { state: run.state, progress, batch };
  const isSaved = await run.checkpoints?.savePaused(paused);
  keep(run, paused, isSaved);
  return createEvent("interrupt", { ...question });
}

/**
 * The run that the answer is for; null if this one begins with a prompt.
 *
 * If it cannot be had, nothing begins and nothing ends: there are no events, and it waits on.
 */
export async function takeUp(run: RunHandle): Promise<PausedRun | null> {
  const { start, checkpoints } = run;
  if ("prompt" in start) return null;
  try {
    if ("interruptId" in start) {
      const paused = await checkpoints!.claim(start.interruptId);
      run.takeUp(paused);
      return paused;
    }
    checkpoints?.reopen();
    return start.paused;
  } catch (error) {
    if ("paused" in start) keep(run, start.paused);
    checkpoints?.release();
    run.close();
    throw error;
  }
}

/** Remembers that the run waits. */
function keep(run: RunHandle, paused: PausedRun, isSaved = false): void {
  const { threadId } = run;
  const isInThread = isSaved && threadId !== null;
  const { interrupt_id: id } = paused.batch.question;
  run.paused.add(id, isInThread ? { paused: null, threadId } : { paused, threadId });
}
