/** How a segment of a run ends: with an answer, a summary, or a question. */

import { preview, summarize } from "../../core/error_text.ts";
import { isSuccess, type StopReason, toStopReason } from "../../events/stop_reason.ts";
import { type AgentEvent, createEvent, type TerminateEvent } from "../state/events.ts";
import type { Outcome } from "../spans/agent_span.ts";
import type { RunSegment } from "./run_segment.ts";
import { finalMessageFor, reasonOf } from "./stop_checks.ts";
import { lastAssistantText, systemMessage } from "../state/messages.ts";
import { callModel } from "./model_call.ts";
import { toPromptWithoutTools } from "../model/request.ts";
import { clip, errorText } from "../state/texts.ts";
import type { PausedRun } from "./run_persistence.ts";
import type { Steps } from "../state/steps.ts";
import type { PausedBatch } from "./tool_calls/tool_plan.ts";

export interface Ended {
  readonly reason: string;
  readonly message: string | null;
  readonly failure?: { readonly error: unknown };
}

/** How a run ended. Success is an answer that is whole. */
export function outcomeOf(run: RunSegment, { reason, message, failure }: Ended): Outcome {
  const stopReason = toStopReason(reason);
  const problem = problemOf(run, reason, message);
  const success = isSuccess(stopReason, problem);
  const error = failure !== undefined
    ? summarize(failure.error)
    : stopReason === "cancelled" && run.signal.aborted
    ? summarize(run.signal.reason)
    : problem && preview(problem);
  const kind = failure === undefined ? KINDS[stopReason] : run.culpritOf(failure.error);
  return {
    success,
    error,
    error_kind: success ? null : kind ?? "model",
    duration_ms: run.elapsedMs(),
  };
}

/** The end of a run whose consumer left, or that was stopped with what it is a part of; notes it. */
export function leaveEvent(run: RunSegment): TerminateEvent {
  const reason = "cancelled";
  const message = finalMessageFor(run, reason);
  run.outcome = outcomeOf(run, { reason, message });
  return terminateEvent(run, reason, message);
}

export function terminateEvent(
  { state, counters }: RunSegment,
  reason: string,
  message: string | null,
): TerminateEvent {
  return createEvent("terminate", {
    reason,
    iterations_used: state.iteration,
    final_confidence: state.confidence,
    total_tool_calls: counters.toolCalls,
    final_message: message,
  });
}

/** What is wrong with an answer; null if it is whole. Conditions of the user's own need no answer. */
export function problemOf(run: RunSegment, reason: string, message: string | null): string | null {
  if (reason !== "complete" && reason !== "confidence_met") return null;
  const { finishReason } = run;
  if (finishReason !== null && CUT_OFF.includes(finishReason)) {
    return `ModelResponseError: The answer is not whole, the model stopped for ${finishReason}`;
  }
  // Who is sure after its tools need not say anything.
  const isNothing = reason === "complete" && (message === null || message.trim() === "");
  return isNothing ? "ModelResponseError: The model said nothing" : null;
}

const CUT_OFF = ["length", "content-filter", "error"];

/** Whose fault it is, if it was not an error. */
const KINDS: { readonly [Reason in StopReason]?: Outcome["error_kind"] } = {
  max_iterations: "limit",
  token_budget: "limit",
  time_budget: "limit",
  tool_loop: "limit",
  cancelled: "cancelled",
};

/**
 * Asks the auxiliary model to sum up, without tools. If that fails, says what is known.
 *
 * @throws The abort reason, if the run is cancelled meanwhile.
 */
export function* summarizeRun(run: RunSegment): Steps<string> {
  const before = lastAssistantText(run.state.messages, run.counters.firstMessage);
  run.append(systemMessage(REQUEST));
  try {
    const { content } = yield* callModel(run, run.auxiliaryModel, {
      messages: run.state.messages,
      toPrompt: toPromptWithoutTools,
      responseFormat: run.settings.responseFormat,
      isBeside: true,
      isOptional: true,
    });
    if (content !== null) return content;
  } catch (error) {
    // Out of time, it is out of turns all the same.
    if (run.signal.aborted && reasonOf(run.signal) === "cancelled") throw error;
    run.update({ errors: [...run.state.errors, errorText(error)] });
  }
  return before ?? describeWork(run);
}

function describeWork({ state, counters }: RunSegment): string {
  const executions = state.tool_executions.slice(counters.firstExecution);
  const results = executions.filter(({ result }) => result !== null).slice(-3)
    .map(({ tool_name, result }) => `${tool_name}: ${clip(result ?? "", 150)}`);
  const done = `${state.iteration} iterations with ${counters.toolCalls} tool calls`;
  return [`Stopped after ${done}.`, ...results].join("\n");
}

const REQUEST =
  "No more turns are left, and no tools can be called any more. Sum up for the user " +
  "what you found, what you did, and what is still open.";

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
 * If taking it fails, the segment publishes no event, and the run keeps waiting.
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
