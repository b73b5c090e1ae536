import type { EventPayload, StreamEvent } from "../events/stream_event.ts";
import type { RunState } from "../events/run_state.ts";
import { clip, type Fields, MAX_MODELS, modelIn, numberIn, textIn } from "./payload.ts";
import { missingEvents } from "./missing_events.ts";
import { addToStanding, closeStanding } from "./run_standing.ts";
import { checkEvent, checkText } from "../core/checks.ts";
import { describe, isRecord } from "../core/describe.ts";

export type { RunState };

/** The question of an agent that waits for a person. */
export type RunQuestion = EventPayload<"agent.interrupt">;

/** Tokens of one model. */
export interface ModelTokens {
  /** Tokens sent. */
  readonly prompt_tokens: number;
  /** Tokens written. */
  readonly completion_tokens: number;
  /** Those of the tokens sent that the provider had cached; left out if no event says that it had any. */
  readonly cached_input_tokens?: number;
}

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
  /** Tokens by model, of the first 16 models that were named. */
  models: Readonly<Record<string, ModelTokens>>;
  /** Of a list: whether it says `running`, but the process that wrote it is gone. Left out if it is not so. */
  interrupted?: boolean;
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
    models: {},
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
  if (addToStanding(summary, event)) summary.errors++;
  switch (event.event_type) {
    case "run.started":
      introduce(summary, data);
      break;
    case "agent.model.completed":
      summary.model_calls++;
      break;
    case "agent.tokens.used":
      summary.prompt_tokens += numberIn(data, "prompt_tokens") ?? 0;
      summary.completion_tokens += numberIn(data, "completion_tokens") ?? 0;
      summary.total_tokens += numberIn(data, "total_tokens") ?? 0;
      countModel(summary, data);
      break;
    case "agent.tool.started":
      summary.tool_calls++;
      break;
    case "agent.tool.completed":
    case "span.completed":
      // An agent was counted when it said how it ended.
      if (data.success !== true && data.kind !== "agent") summary.errors++;
      break;
  }
}

/** Notes that nothing will follow: for those who learn it otherwise than by `bus.end`. */
export function closeSummary(summary: RunSummary, at: string | null): void {
  checkSummary("closeSummary()", summary);
  closeStanding(summary);
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

function countModel(summary: RunSummary, data: Fields): void {
  const model = modelIn(data);
  // A summary of an older server has none.
  const { models = {} } = summary;
  const known = Object.hasOwn(models, model) ? models[model] : undefined;
  if (model === "" || (known === undefined && Object.keys(models).length >= MAX_MODELS)) return;
  const cached = (known?.cached_input_tokens ?? 0) + (numberIn(data, "cached_input_tokens") ?? 0);
  const tokens: ModelTokens = {
    prompt_tokens: (known?.prompt_tokens ?? 0) + (numberIn(data, "prompt_tokens") ?? 0),
    completion_tokens: (known?.completion_tokens ?? 0) + (numberIn(data, "completion_tokens") ?? 0),
    ...cached > 0 && { cached_input_tokens: cached },
  };
  // Entries, because a model may be called `__proto__`.
  summary.models = Object.fromEntries([...Object.entries(models), [model, tokens]]);
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

const LINE_END = /[\r\n]/;
const MAX_TITLE = 200;
const MAX_TAGS = 16;
const MAX_TAG_NAME = 64;
const MAX_TAG_VALUE = 256;
