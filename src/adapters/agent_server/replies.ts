import type { Context } from "hono";
import type { AgentResult } from "../../agent/result.ts";
import type { AgentState } from "../../agent/state/state.ts";
import type { Subscription } from "../../core/bus/bus.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { openEventStream } from "../../sse/response.ts";
import { clientOf } from "../http/client_connection.ts";
import { json } from "../http/responses.ts";
import type { AgentServerConfig } from "./options.ts";
import type { ServedRun } from "./served_run.ts";
import type { ServedRuns } from "./served_runs.ts";
import { encodeRunEvent } from "./wire.ts";

/**
 * Waits for the segment that is under way, and answers with what it came to.
 *
 * @throws {Refusal} If the agent refused to begin.
 */
export async function answerWithOutcome(
  c: Context,
  { onDisconnect }: AgentServerConfig,
  run: ServedRun,
): Promise<Response> {
  const { segment, id: runId, threadId } = run;
  const leave = () => segment.cancel("The client left");
  // On Deno it also aborts after an answer that succeeded; by then the listener is gone.
  const signal = onDisconnect === "abort" ? c.req.raw.signal : undefined;
  signal?.addEventListener("abort", leave);
  if (signal?.aborted) leave();
  const outcome = await segment.outcome;
  signal?.removeEventListener("abort", leave);
  if ("correlationId" in outcome) {
    if (outcome.refusal !== null) throw outcome.refusal;
    return internalError(c, outcome.correlationId, run);
  }
  const reply = { ...replyOf(outcome.result), run_id: runId, thread_id: threadId };
  return json(c, 200, reply, { "Locus-Run-Id": runId });
}

function replyOf({ message, success, stop_reason, metrics, state }: AgentResult): object {
  return {
    message,
    success,
    stop_reason,
    iterations: metrics.iterations,
    tool_calls: metrics.tool_calls,
    duration_ms: metrics.duration_ms,
    interrupt: questionOf(state),
  };
}

/** What a run or a thread asks a person; null if it does not. */
export function questionOf({ pending_interrupt: pending }: AgentState): object | null {
  if (pending === null) return null;
  const { interrupt_id, question, options, metadata } = pending;
  return { interrupt_id, question, options, metadata };
}

/** A run, which part of it a stream shows, and to whom. */
export interface StreamedRun {
  readonly run: ServedRun;
  /** The number of the last event that is not sent any more; null for all that are held. */
  readonly after: string | null;
  /** Whether it answers the request that began the segment, or only looks on. */
  readonly isOwner: boolean;
}

/**
 * Answers with a run as an event stream; `onRelease` is called when nothing of it is held any more.
 *
 * @throws {Refusal} If its events are not held any more.
 */
export function answerWithStream(
  c: Context,
  { onDisconnect, stream }: AgentServerConfig,
  runs: ServedRuns,
  { run, after, isOwner }: StreamedRun,
  onRelease: () => void,
): Response {
  const { segment } = run;
  const subscription = runs.subscribe(run, after);
  const response = openEventStream(subscription, {
    ...stream,
    ...clientOf(c),
    // A request that began something cannot be sent again to go on: it is answered to the end.
    maxLifetimeMs: isOwner ? Infinity : stream.maxLifetimeMs,
    encode: (event) => encodeRunEvent(event, run.failure),
    onRelease: () => {
      onRelease();
      // After the end of the segment it means nothing.
      if (isOwner && onDisconnect === "abort") segment.cancel("The client left");
    },
  });
  response.headers.set("Locus-Run-Id", run.id);
  return response;
}

/** Answers with the events of a run on the bus, as every server sends them. */
export function answerWithEvents(
  c: Context,
  { stream }: AgentServerConfig,
  run: ServedRun,
  subscription: Subscription<WireEvent>,
  onRelease: () => void,
): Response {
  const response = openEventStream(subscription, { ...stream, ...clientOf(c), onRelease });
  response.headers.set("Locus-Run-Id", run.id);
  return response;
}

/** Answers that something failed, and how its cause can be found. */
export function internalError(c: Context, correlationId: string, run?: ServedRun): Response {
  const body = { error: "internal error", correlation_id: correlationId };
  if (run === undefined) return json(c, 500, body);
  return json(c, 500, { ...body, run_id: run.id }, { "Locus-Run-Id": run.id });
}
