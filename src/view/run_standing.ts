import type { RunState } from "../events/run_state.ts";
import { isSuccess, type StopReason, toStopReason } from "../events/stop_reason.ts";
import type { EventPayload } from "../events/stream_event.ts";
import { type Fields, textIn } from "./payload.ts";

/** How a run stands, and why: what its newest events say. A {@linkcode RunSummary} is one. */
export interface RunStanding {
  state: RunState;
  reason: string | null;
  error: string | null;
  error_event_id: string | null;
  question: EventPayload<"agent.interrupt"> | null;
  ended_at: string | null;
}

/** What is read of an event. */
export interface StandingEvent {
  readonly event_id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly data: object;
}

/** A run before its first event. */
export function createStanding(): RunStanding {
  return {
    state: "running",
    reason: null,
    error: null,
    error_event_id: null,
    question: null,
    ended_at: null,
  };
}

/** Whether an event of this type says more than that a run which is running still is. */
export function changesStanding(type: string): boolean {
  return TELLING.has(type);
}

const TELLING: ReadonlySet<string> = new Set([
  "run.completed",
  "agent.interrupt",
  "agent.terminate",
  "router.runnable.failed",
  "execution_failed",
]);

/** Folds the next event of the run into how it stands. Whether that says that something failed. */
export function addToStanding(standing: RunStanding, event: StandingEvent): boolean {
  const { event_type: type } = event;
  const data = event.data as Fields;
  // Only the run itself said that it waits: whatever comes then comes from a run that goes on.
  const isResumed = standing.state === "waiting" && standing.question === null;
  if (isResumed || type === "run.started" || type.startsWith("agent.")) goOn(standing);
  switch (type) {
    case "run.completed":
      return complete(standing, data, event);
    case "agent.interrupt":
      standing.state = "waiting";
      standing.question = event.data as RunStanding["question"];
      return false;
    case "agent.terminate":
      return terminate(standing, data, event);
    case "router.runnable.failed":
      return fail(standing, textIn(data, "error"), event);
    case "execution_failed":
      return fail(
        standing,
        textIn(data, "error") || textIn(data, "message") || textIn(data, "reason"),
        event,
      );
    default:
      return false;
  }
}

/** Notes that nothing will follow. */
export function closeStanding(standing: RunStanding): void {
  if (standing.state === "running" || standing.state === "waiting") {
    standing.state = standing.error === null ? "ended" : "failed";
  }
  standing.question = null;
}

function goOn(standing: RunStanding): void {
  // Field by field: of a long run it is done with nearly every event.
  standing.state = "running";
  standing.reason = standing.error = standing.error_event_id = null;
  standing.question = standing.ended_at = null;
}

/** What failed says so: an end without a further word is one as well. */
function fail(standing: RunStanding, error: string, { event_id: eventId }: StandingEvent): true {
  standing.error = error || "failed";
  standing.error_event_id = eventId;
  return true;
}

function complete(standing: RunStanding, data: Fields, event: StandingEvent): boolean {
  const outcome = textIn(data, "outcome");
  if (outcome === "waiting") {
    standing.state = "waiting";
    return false;
  }
  const state = OUTCOMES.get(outcome) ?? "ended";
  // An agent that ended says more about it, unless it is not what the run came to.
  if (standing.ended_at !== null && (state === "done" || standing.state !== "done")) return false;
  standing.state = state;
  standing.reason = outcome === "ok" ? null : outcome;
  standing.error = textIn(data, "error") || null;
  standing.error_event_id = state === "failed" ? event.event_id : null;
  standing.ended_at = event.timestamp;
  return outcome === "error";
}

const OUTCOMES: ReadonlyMap<string, RunState> = new Map([
  ["ok", "done"],
  ["error", "failed"],
  ["cancelled", "cancelled"],
]);

function terminate(standing: RunStanding, data: Fields, event: StandingEvent): boolean {
  const reason = textIn(data, "reason");
  standing.state = stateOf(data, toStopReason(reason));
  const isFailed = standing.state === "failed";
  standing.reason = reason;
  standing.error = textIn(data, "error") || null;
  standing.error_event_id = isFailed ? event.event_id : null;
  standing.ended_at = event.timestamp;
  return isFailed;
}

/** Recordings do not say whether it was a success. */
function stateOf({ success, error_kind: kind }: Fields, reason: StopReason): RunState {
  if (typeof success !== "boolean") {
    if (reason === "error") return "failed";
    return isSuccess(reason) ? "done" : reason === "cancelled" ? "cancelled" : "stopped";
  }
  if (success) return "done";
  return kind === "cancelled" ? "cancelled" : kind === "limit" ? "stopped" : "failed";
}
