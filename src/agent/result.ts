/** What a run came to. */

import { isSuccess, type StopReason } from "../events/stop_reason.ts";
import { lastAssistantText, type Message, type Source, sourcesOf } from "./state/messages.ts";
import type { CausalChain } from "./reasoning/causal/causal_chain.ts";
import type { GsarDecision, GsarJudgment } from "./reasoning/gsar/gsar_score.ts";
import type { RunSegment } from "./loop/run_segment.ts";
import { describeIssues, type StandardSchema } from "../events/standard_schema.ts";
import type { AgentState, ReasoningStep, ToolExecution } from "./state/state.ts";
import { isPromiseLike } from "../runtime/promise_like.ts";

/** What a run took. All counts cover every model call of the run, the summary included. */
export interface ExecutionMetrics {
  /** How many turns were begun. */
  readonly iterations: number;
  /** How many `tool_complete` events there were, cached and cancelled calls included. */
  readonly tool_calls: number;
  /** How many tool calls failed. */
  readonly tool_errors: number;
  /** Prompt and completion tokens; 0 if the provider does not report them. */
  readonly total_tokens: number;
  /** Tokens that were sent. */
  readonly prompt_tokens: number;
  /** Tokens that were written, reasoning included. */
  readonly completion_tokens: number;
  /** Prompt tokens that the provider put into its cache. */
  readonly cache_creation_input_tokens: number;
  /** Prompt tokens that the provider took from its cache. */
  readonly cache_read_input_tokens: number;
  /** Part of the completion tokens. */
  readonly reasoning_tokens: number;
  /** How often the agent reflected. */
  readonly reflexion_evaluations: number;
  /** How often an answer was checked against the evidence. */
  readonly grounding_evaluations: number;
  /** Without the time that it waited for a person. */
  readonly duration_ms: number;
  /** 1 if there were no calls. */
  readonly tools_success_rate: number;
  /** 0 if there were no iterations. */
  readonly tokens_per_iteration: number;
}

/** What a run, or the segment of a run up to an interrupt, came to. Frozen. */
export class AgentResult<Output = unknown> {
  /** The answer, or the question of an interrupted run; `""` if there is none. Canonical JSON if it was parsed. */
  readonly message!: string;
  /** Everything about the run that outlives it. */
  readonly state!: AgentState;
  /** Why it ended. */
  readonly stop_reason!: StopReason;
  /** What it took. */
  readonly metrics!: ExecutionMetrics;
  /** When the run began: ISO 8601 in UTC. */
  readonly started_at!: string;
  /** When it ended: ISO 8601 in UTC. */
  readonly completed_at!: string;
  /**
   * What went wrong, if the run ended with the reason `error`, or with an answer that is not whole: the model stopped for
   * `length` or `content-filter`, or said nothing. Null otherwise.
   */
  readonly error!: string | null;

  /**
   * The answer as the agent's `outputSchema` returned it; null if there is no schema, or none of the
   * model's answers passed it.
   */
  readonly parsed!: Output | null;
  /** What is wrong with the answer, one problem a line; null unless an answer did not pass. */
  readonly parse_error!: string | null;

  /** How well the answer is supported, 0 to 1, as it was last checked; null if it was not. */
  readonly grounding_score!: number | null;
  /** The claims that nothing supported then. */
  readonly ungrounded_claims!: readonly string[];

  /** What the judge made of the answer; null without `gsar`, without an answer, or if the judge failed. */
  readonly gsar_judgment!: GsarJudgment | null;
  /** How well the claims of the answer are supported, 0 to 1; null as above. */
  readonly gsar_score!: number | null;
  /** What should be done about the answer; null as above. */
  readonly gsar_decision!: GsarDecision | null;

  /** Where the provider says that the answers of this run come from, as of its web search; each source once. */
  readonly sources!: readonly Source[];

  /** What brought about what, by what the tools returned; null unless the agent has `causal`. */
  readonly causal_chain!: CausalChain | null;

  /** Made by the agent. */
  constructor(fields: object) {
    Object.assign(this, fields);
    Object.freeze(this.metrics);
    Object.freeze(this);
  }

  /**
   * Whether the run did what it was asked: it ended complete, by a terminal tool or by confidence, and its answer is
   * whole.
   */
  get success(): boolean {
    return isSuccess(this.stop_reason, this.error);
  }

  /** The same as `message`. */
  get text(): string {
    return this.message;
  }

  /** How sure the agent was at the end, 0 to 1; 0 if it did not reflect. */
  get confidence(): number {
    return this.state.confidence;
  }

  /** How many turns were begun. */
  get iterations(): number {
    return this.state.iteration;
  }

  /** The whole conversation. */
  get messages(): readonly Message[] {
    return this.state.messages;
  }

  /** Every tool call that is over. */
  get tool_executions(): readonly ToolExecution[] {
    return this.state.tool_executions;
  }

  /** What was thought and done, turn by turn. */
  get reasoning_steps(): readonly ReasoningStep[] {
    return this.state.reasoning_steps;
  }

  /**
   * `parsed`, checked by a schema: for results of an agent whose output type is not known.
   *
   * @throws {RangeError} If there is no parsed answer.
   * @throws {TypeError} If it does not pass, or the schema can only check asynchronously.
   */
  parsedAs<T>(schema: StandardSchema<unknown, T>): T {
    if (this.parsed === null) {
      const why = this.parse_error ?? "the agent has no outputSchema, or did not come to an answer";
      throw new RangeError(`parsedAs(): there is no parsed answer: ${why}`);
    }
    const checked = schema["~standard"].validate(this.parsed);
    if (isPromiseLike(checked)) {
      throw new TypeError("parsedAs(): the schema checks asynchronously, which is not supported");
    }
    if (checked.issues === undefined) return checked.value;
    throw new TypeError(
      `parsedAs(): the answer does not pass: ${describeIssues(checked.issues)}`,
    );
  }

  /** All of it as plain data, with `success`: what `JSON.stringify()` writes. */
  toJSON(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...Object.entries(this), ["success", this.success]]);
  }

  /** The last text that the model wrote; null if it wrote none. */
  get last_assistant_message(): string | null {
    return lastAssistantText(this.state.messages);
  }
}

/** What a segment came to; null if its consumer left before its end. */
export function resultOf(
  { ended, state, counters, features }: Pick<
    RunSegment,
    "ended" | "state" | "counters" | "features"
  >,
): AgentResult | null {
  if (ended === null) return null;
  const { message, durationMs, ...ending } = ended;
  const executions = state.tool_executions.slice(counters.firstExecution);
  const toolErrors = executions.filter(({ error }) => error !== null).length;
  const { toolCalls } = counters;
  const { iteration, total_tokens_used: totalTokens } = state;
  const own: typeof NOT_USED = Object.assign(
    {},
    NOT_USED,
    ...features.all.map((feature) => feature.result?.()),
  );
  const { reflexion_evaluations, grounding_evaluations, ...fields } = own;
  return new AgentResult({
    ...ending,
    ...fields,
    sources: sourcesOf(state.messages.slice(counters.firstMessage)),
    message: message ?? "",
    state,
    metrics: {
      iterations: iteration,
      tool_calls: toolCalls,
      tool_errors: toolErrors,
      total_tokens: totalTokens,
      prompt_tokens: state.prompt_tokens_used,
      completion_tokens: state.completion_tokens_used,
      cache_creation_input_tokens: state.cache_creation_tokens_used,
      cache_read_input_tokens: state.cache_read_tokens_used,
      reasoning_tokens: state.reasoning_tokens_used,
      reflexion_evaluations,
      grounding_evaluations,
      duration_ms: durationMs,
      tools_success_rate: toolCalls === 0 ? 1 : (toolCalls - toolErrors) / toolCalls,
      tokens_per_iteration: iteration === 0 ? 0 : totalTokens / iteration,
    },
    started_at: state.started_at,
  });
}

/** What a result shows of features that an agent lacks. */
const NOT_USED = {
  parsed: null as unknown,
  parse_error: null as string | null,
  grounding_score: null as number | null,
  ungrounded_claims: [] as readonly string[],
  gsar_judgment: null as GsarJudgment | null,
  gsar_score: null as number | null,
  gsar_decision: null as GsarDecision | null,
  causal_chain: null as CausalChain | null,
  reflexion_evaluations: 0,
  grounding_evaluations: 0,
};
