/** One call of a model: what it is asked, what it answers, and what that costs. */

import type { LanguageModelV4StreamPart, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { abortable } from "@std/async";
import { type AgentEvent, createEvent } from "./events.ts";
import { type ModelReply, toReply, withReply } from "./hooks/model_reply.ts";
import { assistantMessage, type Message } from "./messages.ts";
import type { ChatModel } from "./model/language_model.ts";
import {
  type ModelRequest,
  type PromptMessage,
  type ResponseFormat,
  toFunctionTools,
  toPrompt,
} from "./model/request.ts";
import { type ModelResponse, ResponseBuilder } from "./model/response.ts";
import { readResponse } from "./model/stream.ts";
import type { RunHandle } from "./run_handle.ts";
import type { Tool } from "./tools/tool.ts";

/** What a model is asked. */
export interface Question {
  readonly messages: readonly Message[];
  /** What it may call. @default {nothing} */
  readonly tools?: Iterable<Tool>;
  /** How the messages become a prompt. @default {toPrompt} */
  readonly toPrompt?: (messages: readonly Message[]) => PromptMessage[];
  /** What the answer has to be. @default {anything} */
  readonly responseFormat?: ResponseFormat;
}

/**
 * Calls a model: `model_chunk` events if the run streams, then `model_complete`. The answer is added to
 * the conversation, and its tokens are counted.
 *
 * Hooks may have the call repeated: then the events and the tokens of each attempt count, and only the
 * last answer is added. Aborted with the run, also if the model does not heed its signal.
 *
 * @throws Whatever the model throws, or a hook.
 */
export async function* callModel(
  run: RunHandle,
  model: ChatModel,
  question: Question,
): AsyncGenerator<AgentEvent, ModelResponse> {
  run.signal.throwIfAborted();
  const tools = [...question.tools ?? []];
  const messages = await run.hooks.beforeModelCall(question.messages, tools);
  const { temperature, maxTokens: maxOutputTokens, providerOptions } = run.config;
  const request: ModelRequest = {
    prompt: (question.toPrompt ?? toPrompt)(messages),
    tools: toFunctionTools(tools),
    temperature,
    maxOutputTokens,
    abortSignal: run.signal,
    ...(question.responseFormat && { responseFormat: question.responseFormat }),
    ...(providerOptions && { providerOptions: providerOptions as SharedV4ProviderOptions }),
  };
  const { maxModelAttempts, requiresFullResponse } = run.hooks;
  const streams = run.streaming && !requiresFullResponse ? model.stream : null;
  for (let attempt = 1;; attempt++) {
    let answer: ModelResponse;
    let stream: ReadableStream<LanguageModelV4StreamPart> | null = null;
    try {
      if (streams !== null) stream = await open(run.signal, streams(request));
      answer = stream === null
        ? await generate(run.signal, model.generate(request))
        : yield* readResponse(stream, run.signal);
    } catch (error) {
      if (run.signal.aborted) throw error;
      const isRetried = await run.hooks.modelError(error, { messages, attempt });
      run.signal.throwIfAborted();
      if (!isRetried || attempt >= maxModelAttempts) throw error;
      // What has arrived is void: whoever shows it has to know that it ends here.
      if (stream !== null) yield createEvent("model_chunk", LAST_CHUNK);
      continue;
    }
    countTokens(run, answer);
    const before = toReply(answer);
    const { response, retryRequested, failure } = await run.hooks.afterModelCall(before, {
      messages,
      attempt,
    });
    run.signal.throwIfAborted();
    yield completion(response);
    if (failure !== null) throw failure.error;
    if (retryRequested && attempt < maxModelAttempts) continue;
    const accepted = withReply(answer, before, response);
    run.append(assistantMessage(accepted.content, accepted.tool_calls, accepted.parts));
    return accepted;
  }
}

const LAST_CHUNK = { content: null, tool_calls: null, done: true };

function completion({ content, tool_calls, usage, stop_reason }: ModelReply): AgentEvent {
  return createEvent("model_complete", { content, tool_calls, usage, stop_reason });
}

/** A whole answer, not streamed. @throws The abort reason, also if the model does not heed its signal. */
export async function generate(
  signal: AbortSignal,
  answer: ReturnType<ChatModel["generate"]>,
): Promise<ModelResponse> {
  const result = await abortable(Promise.resolve(answer), signal);
  const builder = new ResponseBuilder();
  for (const part of result.content) builder.add(part);
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

/** Adds what a model call took to what the run has taken. */
export function countTokens(run: RunHandle, { usage }: ModelResponse): void {
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
