/** Runs a tool until those who review its outcome are content. */

import type { Failure } from "../feature.ts";
import { cancelled, failed, refused, replaced, type ToolOutcome } from "../../tools/outcome.ts";
import type { Question } from "../../tools/question.ts";
import { type CheckedArguments, executeTool, type Execution } from "./tool_call.ts";
import type { CallMemory, PreparedCall } from "./tool_plan.ts";

export interface ReviewedExecution extends Pick<Execution, "run" | "tool" | "signal" | "answers"> {
  readonly kept: CallMemory;
  readonly prepared: PreparedCall;
  /** The arguments as the body gets them, the first time. */
  readonly value: unknown;
  readonly renew: () => Promise<CheckedArguments>;
}

/**
 * Runs a tool's body, has its outcome reviewed by the features, and runs it again if they ask for it. Never rejects.
 *
 * @returns How it ended, or what it asks a person; and what ends the run.
 */
export async function executeReviewed(
  { run, tool, signal, answers, kept, prepared, value, renew }: ReviewedExecution,
): Promise<{ ended: ToolOutcome | Question; failure: Failure }> {
  const { call, span } = prepared;
  const breaker = run.settings.circuitBreaker;
  // No body ran: there is nothing to review.
  if (breaker?.isOpen(tool.name)) return { ended: refused(tool.name), failure: null };
  let args = value;
  for (let attempt = kept.attempts + 1;; attempt = ++kept.attempts + 1) {
    const ended = await executeTool({ run, tool, call, args, span, signal, answers, kept });
    if ("question" in ended || ended.cancelled) return { ended, failure: null };
    breaker?.record(tool.name, ended.error === null);
    let outcome = ended;
    let retry = false;
    let failure: Failure = null;
    for (const feature of run.features.afterToolCall) {
      const pending = feature.afterToolCall(run, prepared, outcome, attempt);
      if (pending === null) continue;
      const reviewed = await pending;
      outcome = replaced(outcome, reviewed.value);
      retry ||= reviewed.retry;
      failure ??= reviewed.failure;
    }
    // What was not reviewed to its end is not shown.
    if (failure !== null && run.signal.aborted) {
      return { ended: cancelled(ended.duration_ms), failure: null };
    }
    const isLast = attempt > MAX_RETRIES || signal.aborted || failure !== null ||
      breaker?.isOpen(tool.name) === true;
    if (isLast || !retry) return { ended: outcome, failure };
    const again = await renew();
    if ("error" in again) return { ended: failed(again.error), failure: null };
    args = again.value;
    if (span !== null) span.attempt++;
  }
}

const MAX_RETRIES = 3;
