import type { EventPayload, StreamEvent } from "../events/stream_event.ts";
import { isSuccess, type StopReason, toStopReason } from "../events/stop_reason.ts";
import { clip, type Fields, numberIn, textIn } from "./payload.ts";
import { missingEvents } from "./missing_events.ts";
import { checkEvent, checkText } from "../core/checks.ts";
import { describe, isRecord } from "../core/describe.ts";

/**
 * How a run stands.
 *
 * - `running`: something happened, and nothing says that it is over.
 * - `waiting`: an agent asked a person, and has published nothing since, or the run said that it waits.
 * - `done`, `stopped`, `failed`: it ended so, or its latest agent did; `stopped` is an end before the job was done.
 * - `cancelled`: it was aborted, or its consumer left.
 * - `ended`: the run was closed, and nothing said how it went.
 */
export type RunState =
  | "running"
  | "waiting"
  | "done"
  | "stopped"
  | "cancelled"
  | "failed"
  | "ended";

/** The question of an agent that waits for a person. */
export type RunQuestion = EventPayload<"agent.interrupt">;

/**
 * What a list of runs tells of one: plain data, as it goes over the wire. It is a fold of the run's events,
 * so after a gap its counts are lower bounds: see `missed_events`.
 */
export interface RunSummary {
  /** The run. */
  readonly run_id: string;
  /**
   * What its `run.started` calls it, else the first line of what that says it was asked, at most 200 characters; null if
   * there was neither.
   */
  title: string | null;
  /** What its `run.started` says to filter it by: at most 16, of 64 characters with values of 256. */
  tags: Readonly<Record<string, string>>;
  /** How it stands. */
  state: RunState;
  /** Why its latest agent ended, in that agent's words; null while it has not. */
  reason: string | null;
  /** What it failed with: `<ErrorName>: <first line>`; null if it did not fail, or no event named the error. */
  error: string | null;
  /** The event that said that it failed; null if none did. */
  error_event_id: string | null;
  /** What it waits for; null if it does not. */
  question: RunQuestion | null;
  /** When its first known event happened: ISO 8601 in UTC. Null while there was none. */
  started_at: string | null;
  /** When its latest event happened. */
  updated_at: string | null;
  /** When it came to its end, by the times of its events; null while it has not. */
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
  /** Events that the subscriber who made this summary did not get. */
  missed_events: number;
}

/** The summary of a run before its first event. */
export function createRunSummary(runId: string): RunSummary {
  checkText("createRunSummary()", "runId", runId);
  return {
    run_id: runId,
    title: null,
    tags: {},
    state: "running",
    reason: null,
    error: null,
    error_event_id: null,
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
 * A run may hold several agents, one after another or inside each other: after one of them has
 * ended, it goes on with the next event of another.
 */
export function addToSummary(summary: RunSummary, event: StreamEvent): void {
  checkSummary("addToSummary()", summary);
  checkEvent("addToSummary(): expected", event);
  // Its timestamp is that of the reading, not of the end.
  if (event.event_type === "bus.end") return closeSummary(summary, null);
  if (event.event_type === "bus.error" || event.event_type === "bus.live") return;
  const lastEventId = summary.last_event_id;
  summary.last_event_id = event.event_id;
  const data: Fields = event.data;
  if (event.event_type === "bus.gap") {
    summary.missed_events += missingEvents(event, lastEventId);
    return;
  }
  summary.started_at ??= event.timestamp;
  summary.updated_at = event.timestamp;
  // Only the run itself said that it waits: whatever comes then comes from a run that goes on.
  const isResumed = summary.state === "waiting" && summary.question === null;
  if (isResumed || event.event_type.startsWith("agent.")) goOn(summary);
  switch (event.event_type) {
    case "run.started":
      goOn(summary);
      introduce(summary, data);
      break;
    case "run.completed":
      complete(summary, data, event);
      break;
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
      // An agent was counted when it said how it ended.
      if (data.success !== true && data.kind !== "agent") summary.errors++;
      break;
    case "agent.interrupt":
      summary.state = "waiting";
      summary.question = event.data;
      break;
    case "agent.terminate":
      terminate(summary, data, event);
      break;
    case "router.runnable.failed":
      fail(summary, textIn(data, "error"), event);
      break;
    case "execution_failed" as string:
      fail(
        summary,
        textIn(data, "error") || textIn(data, "message") || textIn(data, "reason"),
        event,
      );
  }
}

/** Notes that nothing will follow: for those who learn it otherwise than by `bus.end`. */
export function closeSummary(summary: RunSummary, at: string | null): void {
  checkSummary("closeSummary()", summary);
  if (summary.state === "running" || summary.state === "waiting") {
    summary.state = summary.error === null ? "ended" : "failed";
  }
  summary.question = null;
  summary.ended_at ??= at ?? summary.updated_at;
}

/** Whether nothing more is expected of a run in this state. */
export function isOver(state: RunState): boolean {
  return state !== "running" && state !== "waiting";
}

function checkSummary(owner: string, summary: unknown): void {
  if (isRecord(summary) && typeof summary.state === "string") return;
  throw new TypeError(`${owner}: expected a summary, got ${describe(summary)}`);
}

function goOn(summary: RunSummary): void {
  summary.state = "running";
  summary.reason =
    summary.error =
    summary.error_event_id =
    summary.question =
    summary.ended_at =
      null;
}

/** The first word counts: a run that goes on may begin again under another name. */
function introduce(summary: RunSummary, data: Fields): void {
  summary.title ??= clip(firstLineOf(textIn(data, "name")), MAX_TITLE) ||
    clip(firstLineOf(textIn(data, "input_preview")), MAX_TITLE) || null;
  if (Object.keys(summary.tags).length === 0) summary.tags = tagsOf(data.tags);
}

function firstLineOf(text: string): string {
  return text.trim().split(LINE_END, 1)[0]!.trim();
}

function tagsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  const tags = Object.entries(value).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(
    tags.slice(0, MAX_TAGS).map((
      [name, text],
    ) => [clip(name, MAX_TAG_NAME), clip(text as string, MAX_TAG_VALUE)]),
  );
}

/** What failed says so: an end without a further word is one as well. */
function fail(summary: RunSummary, error: string, { event_id: eventId }: StreamEvent): void {
  summary.errors++;
  summary.error = error || "failed";
  summary.error_event_id = eventId;
}

function complete(summary: RunSummary, data: Fields, event: StreamEvent): void {
  const outcome = textIn(data, "outcome");
  if (outcome === "waiting") {
    summary.state = "waiting";
    return;
  }
  const state = OUTCOMES.get(outcome) ?? "ended";
  // An agent that ended says more about it, unless it is not what the run came to.
  if (summary.ended_at !== null && (state === "done" || summary.state !== "done")) return;
  summary.state = state;
  if (outcome === "error") summary.errors++;
  summary.reason = outcome === "ok" ? null : outcome;
  summary.error = textIn(data, "error") || null;
  summary.error_event_id = state === "failed" ? event.event_id : null;
  summary.ended_at = event.timestamp;
}

const OUTCOMES: ReadonlyMap<string, RunState> = new Map([
  ["ok", "done"],
  ["error", "failed"],
  ["cancelled", "cancelled"],
]);

function terminate(summary: RunSummary, data: Fields, event: StreamEvent): void {
  const reason = textIn(data, "reason");
  const kind = toStopReason(reason);
  summary.state = stateOf(data, kind);
  if (summary.state === "failed") summary.errors++;
  summary.reason = reason;
  summary.error = textIn(data, "error") || null;
  summary.error_event_id = summary.state === "failed" ? event.event_id : null;
  summary.ended_at = event.timestamp;
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

const LINE_END = /[\r\n]/;
const MAX_TITLE = 200;
const MAX_TAGS = 16;
const MAX_TAG_NAME = 64;
const MAX_TAG_VALUE = 256;
