/** One call of a model: what it is asked, what it answers, and what that costs. */

import type { LanguageModelV4Content, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { abortable } from "../../core/waits.ts";
import type { AgentSpan } from "../spans/agent_span.ts";
import { ModelParts } from "../spans/model_span.ts";
import type { AgentState } from "../state/state.ts";
import { type AgentEvent, createEvent } from "../state/events.ts";
import { type ModelReply, toReply, withReply } from "../model/reply.ts";
import { assistantMessage, isApproval, type Message } from "../state/messages.ts";
import type { ChatModel } from "../model/chat_model.ts";
import {
  type ModelRequest,
  type ResponseFormat,
  toModelTools,
  toPrompt,
} from "../model/request.ts";
import { type ModelResponse, ResponseBuilder } from "../model/response.ts";
import { ModelResponseError } from "../state/errors.ts";
import { isForeign } from "../model/foreign_parts.ts";
import { asModelError } from "../model/failures.ts";
import { readResponse } from "../model/stream.ts";
import type {
  FailedAttempt,
  FeatureContext,
  FeatureList,
  ModelAttempt,
  RetryRequest,
  Reviewed,
} from "./feature.ts";
import { ModelDeadline } from "./model_deadline.ts";
import type { RunSettings } from "./run_settings.ts";
import { type Steps, until } from "../state/steps.ts";
import type { Tool } from "../tools/tool.ts";

/** A run as far as its model calls are concerned. */
export interface CallingRun extends FeatureContext {
  readonly settings: RunSettings;
  readonly features: FeatureList;
  readonly streaming: boolean;
  readonly span: AgentSpan | null;
  finishReason: string | null;
  update(changes: Partial<AgentState>): void;
  blame(kind: "model", error: unknown): void;
}

export interface Question {
  readonly messages: readonly Message[];
  /** What it may call. @default {nothing} */
  readonly tools?: Iterable<Tool>;
  /** How the messages become a prompt. @default {toPrompt} */
  readonly toPrompt?: typeof toPrompt;
  /** What the answer has to be. @default {anything} */
  readonly responseFormat?: ResponseFormat;
  /** Whether its messages stay out of the conversation. @default {false} */
  readonly isBeside?: boolean;
  /** Whether the run goes on if it fails. @default {false} */
  readonly isOptional?: boolean;
}

/**
 * Calls a model: `model_chunk` events if the run streams, then `model_complete`. The answer is added to
 * the conversation, and its tokens are counted.
 *
 * Hooks may have the call repeated: then the events and the tokens of each attempt count, and only the
 * last answer is added. Aborted with the run, also if the model ignores its signal.
 *
 * @throws Whatever the model throws, or a hook.
 */
export function* callModel(
  run: CallingRun,
  model: ChatModel,
  question: Question,
): Steps<ModelResponse> {
  run.signal.throwIfAborted();
  const tools = [...question.tools ?? []];
  let { messages } = question;
  for (const feature of run.features.beforeModelCall) {
    messages = yield* until(feature.beforeModelCall(run, messages, tools));
  }
  const toModel = question.toPrompt ?? toPrompt;
  let prompt = toModel(messages, model.provider);
  const request: Omit<ModelRequest, "abortSignal" | "prompt"> = {
    ...run.settings.callSettings,
    ...tools.length > 0 && { tools: toModelTools(tools) },
    ...(question.responseFormat && { responseFormat: question.responseFormat }),
  };
  const { maxModelAttempts, requiresFullResponse } = run.features;
  const streams = run.streaming && !requiresFullResponse ? model.stream : null;
  const { temperature, maxOutputTokens } = request;
  const { isBeside } = question;
  const iteration = Math.max(0, run.state.iteration - 1);
  const asked = { model, iteration, streaming: streams !== null, isBeside };
  const heard = run.span === null ? null : new ModelParts(run.span);
  const onPart = heard === null ? undefined : heard.hear.bind(heard);
  for (let attempt = 1;; attempt++) {
    const deadline = new ModelDeadline(run.signal, run.settings, streams !== null);
    const { signal } = deadline;
    const timed: ModelRequest = { ...request, prompt, abortSignal: signal };
    const foreign = messages.filter((message) => isForeign(message, model.provider)).length;
    const call = { ...asked, prompt, foreign, attempt, temperature, maxOutputTokens };
    const span = run.span?.openModel(call) ?? null;
    const inside = span?.inside ?? outside;
    try {
      let answer: ModelResponse;
      let stream: ReadableStream<LanguageModelV4StreamPart> | null = null;
      try {
        if (streams !== null) {
          stream = yield* until(open(signal, inside(() => streams(timed))));
        }
        answer = stream === null
          ? yield* until(generate(signal, inside(() => model.generate(timed)), onPart))
          : yield* readResponse(stream, deadline, inside, onPart);
        if (answer.tool_calls.some(isApproval) && !tools.some(isApproval)) {
          throw new ModelResponseError(NOBODY_APPROVES, undefined, false);
        }
      } catch (cause) {
        // Models that obey their signal may reject with anything.
        const error = signal.aborted ? signal.reason : asModelError(cause);
        heard?.fail();
        span?.fail(error);
        if (run.signal.aborted) throw error;
        run.blame("model", error);
        const failed = { messages, attempt, span, brokeOff: stream !== null };
        const next = yield* askFeatures(run, error, failed);
        run.signal.throwIfAborted();
        const isRepeated = next.retry && attempt < maxModelAttempts;
        // What has arrived is void: a screen that shows it has to know that it ends here.
        if (stream !== null && (isRepeated || question.isOptional)) {
          yield createEvent("model_chunk", LAST_CHUNK);
        }
        if (!isRepeated) throw error;
        if (next.messages !== messages) prompt = toModel(messages = next.messages, model.provider);
        continue;
      }
      span?.answer(answer);
      countTokens(run, answer);
      const before = toReply(answer);
      const reviewed = yield* review(run, before, { messages, attempt, span });
      const { value: reply, retry, failure } = reviewed;
      run.signal.throwIfAborted();
      const accepted = withReply(answer, before, reply);
      span?.tell(accepted);
      const isRepeated = retry && attempt < maxModelAttempts;
      // Before it is shown: a consumer may leave once it has seen it, and what was said has to be remembered.
      if (failure === null && !isRepeated) {
        const { content, tool_calls, parts, report } = accepted;
        const facts = {
          isPaused: isPaused(accepted),
          sources: report?.sources,
          provider: model.provider,
        };
        run.append(assistantMessage(content, tool_calls, parts, facts));
        run.finishReason = report?.finishReason ?? null;
      }
      yield completion(reply, failure === null && isRepeated);
      if (failure !== null) throw failure.error;
      if (!isRepeated) return accepted;
    } finally {
      deadline.close();
      if (span !== null) run.span?.closeModel();
    }
  }
}

/** The provider has more to do, such as searches of its own, and goes on when it is asked again. */
export function isPaused({ stop_reason, tool_calls }: ModelResponse): boolean {
  return stop_reason === "pause_turn" && tool_calls.length === 0;
}

function* askFeatures(
  run: CallingRun,
  error: unknown,
  attempt: FailedAttempt,
): Steps<RetryRequest> {
  let { messages } = attempt;
  let retry = false;
  for (const feature of run.features.modelFailed) {
    const said = yield* until(feature.modelFailed(run, error, { ...attempt, messages }));
    retry ||= said?.retry ?? false;
    messages = said?.messages ?? messages;
  }
  return { retry, messages };
}

function* review(
  run: CallingRun,
  reply: ModelReply,
  attempt: ModelAttempt,
): Steps<Reviewed<ModelReply>> {
  let reviewed: Reviewed<ModelReply> = { value: reply, retry: false, failure: null };
  for (const feature of run.features.afterModelCall) {
    const pending = feature.afterModelCall(run, reviewed.value, attempt);
    if (pending === null) continue;
    const next = yield* until(pending);
    const failure = reviewed.failure ?? next.failure;
    reviewed = { value: next.value, retry: reviewed.retry || next.retry, failure };
  }
  return reviewed;
}

function outside<R>(fn: () => R): R {
  return fn();
}

const NOBODY_APPROVES =
  "The model asks for approval of a tool that its provider executes, which an agent without such tools cannot give";
const DISCARDED = { discarded: true } as const;
const LAST_CHUNK = { content: null, tool_calls: null, done: true, ...DISCARDED };

function completion(
  { content, tool_calls, usage, stop_reason }: ModelReply,
  isDiscarded: boolean,
): AgentEvent {
  const fields = { content, tool_calls, usage, stop_reason };
  return createEvent("model_complete", isDiscarded ? { ...fields, ...DISCARDED } : fields);
}

/** A whole answer, not streamed. @throws The abort reason, also if the model ignores its signal. */
export async function generate(
  signal: AbortSignal,
  answer: ReturnType<ChatModel["generate"]>,
  onPart?: (part: LanguageModelV4Content) => void,
): Promise<ModelResponse> {
  const result = await abortable(Promise.resolve(answer), signal);
  const builder = new ResponseBuilder();
  for (const part of result.content) {
    onPart?.(part);
    builder.add(part);
  }
  return builder.build(result);
}

async function open(
  signal: AbortSignal,
  answer: ReturnType<NonNullable<ChatModel["stream"]>>,
): Promise<ReadableStream<LanguageModelV4StreamPart>> {
  const opening = Promise.resolve(answer);
  try {
    return (await abortable(opening, signal)).stream;
  } catch (error) {
    // A stream that opens after all has nobody to read it.
    opening.then(({ stream }) => stream.cancel(error)).catch(() => {});
    throw error;
  }
}

export function countTokens(run: CallingRun, { usage }: ModelResponse): void {
  if (usage === null) return;
  const { state } = run;
  run.update({
    prompt_tokens_used: state.prompt_tokens_used + usage.prompt,
    completion_tokens_used: state.completion_tokens_used + usage.completion,
    total_tokens_used: state.total_tokens_used + usage.total,
    cache_creation_tokens_used: state.cache_creation_tokens_used + usage.cacheCreation,
    cache_read_tokens_used: state.cache_read_tokens_used + usage.cacheRead,
    reasoning_tokens_used: state.reasoning_tokens_used + usage.reasoning,
  });
}
