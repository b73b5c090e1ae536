/** How a run of an agent ended, as the bus is told. */

import { preview, summarize } from "../../core/error_text.ts";
import { isSuccess, type StopReason, toStopReason } from "../../events/stop_reason.ts";
import { createEvent, type TerminateEvent } from "../state/events.ts";
import type { Outcome } from "../spans/agent_span.ts";
import type { RunSegment } from "./run_segment.ts";
import { finalMessageFor } from "./stop_checks.ts";

/** What a run ended with. */
export interface Ended {
  readonly reason: string;
  readonly message: string | null;
  /** What was thrown. */
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

/** The last event of a run. */
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
