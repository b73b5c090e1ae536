import type { EventPayload, StreamEvent } from "../events/stream_event.ts";
import { isSuccess, toStopReason } from "../events/stop_reason.ts";
import { type Fields, numberIn, textIn } from "./payload.ts";

/**
 * How a run stands.
 *
 * - `running`: something happened, and nothing says that it is over.
 * - `waiting`: an agent asked a person, and nothing of it was heard since.
 * - `done`, `stopped`, `failed`: its latest agent ended so; `stopped` is an end before the job was done.
 * - `ended`: the run was closed, and no agent said how it went.
 */
export type RunState = "running" | "waiting" | "done" | "stopped" | "failed" | "ended";

/** The question of an agent that waits for a person. */
export type RunQuestion = EventPayload<"agent.interrupt">;

/**
 * What a list of runs tells of one: plain data, as it goes over the wire. It is a fold of the run's events,
 * so after a gap its counts are lower bounds: see `missed_events`.
 */
export interface RunSummary {
  /** The run. */
  readonly run_id: string;
  /** How it stands. */
  state: RunState;
  /** Why its latest agent ended, in that agent's words; null while it has not. */
  reason: string | null;
  /** What it waits for; null if it does not. */
  question: RunQuestion | null;
  /** When its first known event happened: ISO 8601 in UTC. Null while there was none. */
  started_at: string | null;
  /** When its latest event happened. */
  updated_at: string | null;
  /** When it came to its end; null while it has not. */
  ended_at: string | null;
  /** The `event_id` of the latest event that is counted here; null while there was none. */
  last_event_id: string | null;
  /** Model calls that are over. */
  model_calls: number;
  /** Tool calls that have begun. */
  tool_calls: number;
  /** Tool calls, spans and agents that failed. */
  errors: number;
  /** Tokens sent. */
  prompt_tokens: number;
  /** Tokens written. */
  completion_tokens: number;
  /** Both, as the provider counts them. */
  total_tokens: number;
  /** Events that whoever counted did not get. */
  missed_events: number;
}

/** The summary of a run of which nothing is known yet. */
export function createRunSummary(runId: string): RunSummary {
  return {
    run_id: runId,
    state: "running",
    reason: null,
    question: null,
    started_at: null,
    updated_at: null,
    ended_at: null,
    last_event_id: null,
    model_calls: 0,
    tool_calls: 0,
    errors: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: 0,
    missed_events: 0,
  };
}

/**
 * Folds the next event of the run into its summary, `bus.*` events included.
 *
 * A run may hold several agents, one after another or inside each other: it goes on where one of them has
 * ended, as soon as anything is heard of another.
 */
export function addToSummary(summary: RunSummary, event: StreamEvent): void {
  if (event.event_type === "bus.end") return closeSummary(summary, event.timestamp);
  if (event.event_type === "bus.error") return;
  summary.last_event_id = event.event_id;
  const data: Fields = event.data;
  if (event.event_type === "bus.gap") {
    summary.missed_events += numberIn(data, "count") ?? 0;
    return;
  }
  summary.started_at ??= event.timestamp;
  summary.updated_at = event.timestamp;
  if (event.event_type.startsWith("agent.")) goOn(summary);
  switch (event.event_type) {
    case "agent.model.completed":
      summary.model_calls++;
      break;
    case "agent.tokens.used":
      summary.prompt_tokens += numberIn(data, "prompt_tokens") ?? 0;
      summary.completion_tokens += numberIn(data, "completion_tokens") ?? 0;
      summary.total_tokens += numberIn(data, "total_tokens") ?? 0;
      break;
    case "agent.tool.started":
      summary.tool_calls++;
      break;
    case "agent.tool.completed":
    case "span.completed":
      if (data.success !== true) summary.errors++;
      break;
    case "agent.interrupt":
      summary.state = "waiting";
      summary.question = event.data;
      break;
    case "agent.terminate":
      terminate(summary, textIn(data, "reason"), event.timestamp);
  }
}

/** Notes that nothing will follow: for those who learn it otherwise than by `bus.end`. */
export function closeSummary(summary: RunSummary, at: string | null): void {
  if (summary.state === "running" || summary.state === "waiting") summary.state = "ended";
  summary.question = null;
  summary.ended_at ??= at ?? summary.updated_at;
}

function goOn(summary: RunSummary): void {
  summary.state = "running";
  summary.reason = summary.question = summary.ended_at = null;
}

function terminate(summary: RunSummary, reason: string, at: string): void {
  const kind = toStopReason(reason);
  summary.state = kind === "error" ? "failed" : isSuccess(kind) ? "done" : "stopped";
  if (kind === "error") summary.errors++;
  summary.reason = reason;
  summary.ended_at = at;
}
