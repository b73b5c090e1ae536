/** How a run waits for a person, and is taken up again. */

import { type AgentEvent, createEvent } from "../state/events.ts";
import type { PausedRun } from "./run_persistence.ts";
import type { RunSegment } from "./run_segment.ts";
import type { PausedBatch } from "./tool_calls/tool_plan.ts";

/**
 * Leaves a run to wait for a person: saved in its thread if it can be, otherwise in the memory of its
 * agent. @returns Its last event.
 */
export async function pause(run: RunSegment, batch: PausedBatch): Promise<AgentEvent> {
  const [{ question, index }] = batch.open;
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
  const counters = { ...run.counters, elapsedMs: run.elapsedMs() };
  // Before the event: a client that gets it may resume at once, also in another process.
  const waits = { since: Date.now(), place: run.span?.place ?? null };
  const { state, recorder } = run;
  const paused = { state, counters, features: run.features.all, batch, waits, recorder };
  await run.persistence.pause(run, paused);
  if (run.span?.isPart === false) run.busRun?.setOutcome("waiting");
  return createEvent("interrupt", { ...question });
}

/**
 * Begins a segment, and gets the run that its answer is for; null if this one begins with a prompt.
 *
 * If it cannot be had, nothing begins and nothing ends: there are no events, and it waits on.
 */
export async function takeUp(run: RunSegment): Promise<PausedRun | null> {
  run.open();
  const { start } = run;
  if ("prompt" in start) return null;
  try {
    const paused = await run.persistence.takeUp(run);
    if (start.paused === null) run.takeUp(paused);
    return paused;
  } catch (error) {
    run.close();
    throw error;
  }
}
