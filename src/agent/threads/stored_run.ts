/** The data of an agent's snapshot. */

import {
  amount,
  checkStored,
  count,
  flag,
  list,
  object,
  oneOf,
  orNull,
  record,
  share,
  text,
  textOrNull,
} from "../json_schema/shapes.ts";
import type { Arguments, ToolCall } from "../state/messages.ts";
import { MESSAGE, TOOL_CALL } from "../state/read_prompt.ts";
import type { SpanPlace } from "../spans/tool_spans.ts";
import type { Waits } from "../loop/run_persistence.ts";
import type { AgentState, PendingInterrupt, ReasoningStep, ToolExecution } from "../state/state.ts";
import type { ToolOutcome } from "../tools/outcome.ts";
import type { Question } from "../tools/question.ts";
import type { StandardResult } from "../../events/standard_schema.ts";

/** What an agent keeps of a thread. */
export interface StoredRun {
  readonly state: AgentState;
  readonly counters: StoredCounters;
  /** What each feature keeps, by its name. */
  readonly features: Readonly<Record<string, unknown>>;
  /** The turn in which a tool asks a person; null if none does. */
  readonly paused: StoredBatch | null;
}

/** What a resumed run goes on counting from. */
export interface StoredCounters {
  readonly elapsed_ms: number;
  readonly tool_calls: number;
  readonly first_message: number;
  readonly first_execution: number;
}

/** A turn that waits for a person. */
export interface StoredBatch {
  /** Whether somebody has begun to resume it: then nobody else may. */
  readonly answered: boolean;
  /** What the model answered. */
  readonly response: {
    readonly content: string | null;
    readonly reasoning: string | null;
    readonly tool_calls: readonly ToolCall[];
    /** By tool call id: why its arguments cannot be used. */
    readonly argument_errors: Readonly<Record<string, string>>;
  };
  /** The arguments of the calls that were begun, in the order of the calls. */
  readonly arguments: readonly Arguments[];
  /** How each call ended; null for those that are not over. */
  readonly outcomes: readonly (ToolOutcome | null)[];
  /** The calls that have begun and are not over: first the one whose question is asked now. */
  readonly open: readonly StoredCall[];
  /** Where and since when it waits; what was stored before there was such a thing does not say. */
  readonly waits: Waits | null;
}

/** A call that has begun and is not over. */
export interface StoredCall {
  readonly index: number;
  /** What its arguments are made from. */
  readonly input: Arguments;
  /** Under which its outcome is shared; null if it is not. */
  readonly key: string | null;
  /** The call whose outcome it gets; null for its own. */
  readonly copy_of: number | null;
  /** Whether it is not the tool that asks, but somebody has to agree before it is called. */
  readonly approval: boolean;
  /** What it asks; null if it waits only because another call asks. */
  readonly question: Question | null;
  /** What it was answered before. */
  readonly answers: readonly unknown[];
  /** What its tool remembers; null for nothing. */
  readonly kept: unknown;
  /** How often its body came to an end before, and was to be called again. */
  readonly attempts: number;
  /** Its span on the bus; null if nobody watched. */
  readonly span_id: string | null;
}

const execution = /* @__PURE__ */ object<ToolExecution>({
  tool_name: text,
  tool_call_id: text,
  arguments: record,
  result: textOrNull,
  error: textOrNull,
  duration_ms: amount,
  timestamp: text,
  idempotent_cache_hit: flag,
  cancelled: flag,
});

const step = /* @__PURE__ */ object<ReasoningStep>({
  iteration: count,
  thought: textOrNull,
  tool_calls: list(TOOL_CALL),
  tool_results: list(text),
  reflection: textOrNull,
  confidence_delta: { type: "number" },
  timestamp: text,
});

const question = {
  interrupt_id: text,
  question: text,
  options: orNull(list(text)),
  metadata: record,
};

const pendingInterrupt = /* @__PURE__ */ object<PendingInterrupt>({
  ...question,
  tool_call_id: text,
  tool_name: text,
  arguments: record,
  iteration: count,
});

const state = /* @__PURE__ */ object<AgentState>({
  run_id: text,
  agent_id: textOrNull,
  messages: list(MESSAGE),
  iteration: count,
  max_iterations: count,
  tool_executions: list(execution),
  reasoning_steps: list(step),
  confidence: share,
  confidence_threshold: share,
  confidence_history: list(share),
  tool_loop_threshold: count,
  terminal_tools: list(text),
  total_tokens_used: amount,
  prompt_tokens_used: amount,
  completion_tokens_used: amount,
  cache_creation_tokens_used: amount,
  cache_read_tokens_used: amount,
  reasoning_tokens_used: amount,
  token_budget: orNull(amount),
  completion_mode: oneOf(["auto", "explicit"]),
  errors: list(text),
  metadata: record,
  pending_interrupt: orNull(pendingInterrupt),
  started_at: text,
  updated_at: text,
});

const outcome = /* @__PURE__ */ object<ToolOutcome>({
  result: textOrNull,
  error: textOrNull,
  duration_ms: amount,
  cached: flag,
  cancelled: flag,
  begun: { ...flag, default: true },
  terminal: flag,
  files: { ...list(object<{ type: string }>({ type: text })), default: [] },
});

const batch = /* @__PURE__ */ object<StoredBatch>({
  answered: flag,
  response: object<StoredBatch["response"]>({
    content: textOrNull,
    reasoning: textOrNull,
    tool_calls: list(TOOL_CALL),
    argument_errors: { ...record, default: {} },
  }),
  arguments: list(record),
  outcomes: list(orNull(outcome)),
  open: list(object<StoredCall>({
    index: count,
    input: record,
    // Version 1 has none: the outcome of the call is not shared then.
    key: { ...textOrNull, default: null },
    copy_of: { ...orNull(count), default: null },
    approval: flag,
    question: orNull(object<Question>(question)),
    answers: { type: "array" },
    // Checked by the tool.
    kept: { default: null },
    attempts: { ...count, default: 0 },
    span_id: { ...textOrNull, default: null },
  })),
  waits: {
    ...orNull(object<Waits>({
      since: orNull(amount),
      place: orNull(object<SpanPlace>({
        run_id: text,
        span_id: text,
        parent_span_id: textOrNull,
      })),
    })),
    default: null,
  },
});

/** The schema of what is counted. */
export const COUNTERS = {
  elapsed_ms: amount,
  tool_calls: count,
  first_message: count,
  first_execution: count,
};

const run = /* @__PURE__ */ object<StoredRun>({
  state,
  counters: object<StoredCounters>(COUNTERS),
  features: record,
  paused: orNull(batch),
});

/** Checks the data of a snapshot; what features keep is checked by those. */
export function readStoredRun(data: unknown): StandardResult<StoredRun> {
  const read = checkStored<StoredRun>(run, data);
  if (read.issues !== undefined || read.value.paused === null || fits(read.value.paused)) {
    return read;
  }
  const message = "the calls and their outcomes do not fit together";
  return { issues: [{ message, path: ["paused"] }] };
}

/** Otherwise there would be no call to go on with, or one without an outcome. */
function fits({ open, response, arguments: args, outcomes }: StoredBatch): boolean {
  const indexes = new Set(open.map(({ index }) => index));
  return open[0] !== undefined && open[0].question !== null && indexes.size === open.length &&
    args.length <= response.tool_calls.length &&
    open.every(({ index, copy_of }) => index < args.length && (copy_of ?? -1) < index) &&
    args.every((_, i) => indexes.has(i) || outcomes[i]);
}
