/** One call of a model: what it is asked, what it answers, and what that costs. */

import type { LanguageModelV4StreamPart, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { abortable } from "@std/async";
import { type AgentEvent, createEvent } from "./events.ts";
import { assistantMessage } from "./messages.ts";
import type { ChatModel } from "./model/language_model.ts";
import type { ModelRequest } from "./model/request.ts";
import { type ModelResponse, ResponseBuilder } from "./model/response.ts";
import { readResponse } from "./model/stream.ts";
import { usageRecord } from "./model/usage.ts";
import type { RunHandle } from "./run_handle.ts";

/**
 * Calls a model: `model_chunk` events if the run streams, then `model_complete`. The answer is added to
 * the conversation, and its tokens are counted.
 *
 * Aborted with the run, also if the model does not heed its signal.
 *
 * @throws Whatever the model throws.
 */
export async function* callModel(
  run: RunHandle,
  model: ChatModel,
  question: Pick<ModelRequest, "prompt" | "tools">,
): AsyncGenerator<AgentEvent, ModelResponse> {
  const { temperature, maxTokens: maxOutputTokens, providerOptions } = run.config;
  run.signal.throwIfAborted();
  const request: ModelRequest = {
    ...question,
    temperature,
    maxOutputTokens,
    abortSignal: run.signal,
    ...(providerOptions && { providerOptions: providerOptions as SharedV4ProviderOptions }),
  };
  const response = run.streaming && model.stream !== null
    ? yield* readResponse(await open(run.signal, model.stream(request)), run.signal)
    : await generate(run.signal, model.generate(request));
  note(run, response);
  yield createEvent("model_complete", {
    content: response.content,
    tool_calls: response.tool_calls,
    usage: usageRecord(response.usage),
    stop_reason: response.stop_reason,
  });
  return response;
}

async function generate(
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

function note(run: RunHandle, { content, tool_calls, parts, usage }: ModelResponse): void {
  const { state } = run;
  run.append(assistantMessage(content, tool_calls, parts));
  if (usage === null) return;
  run.update({
    prompt_tokens_used: state.prompt_tokens_used + usage.prompt,
    completion_tokens_used: state.completion_tokens_used + usage.completion,
    total_tokens_used: state.total_tokens_used + usage.total,
    cache_creation_tokens_used: state.cache_creation_tokens_used + usage.cacheCreation,
    cache_read_tokens_used: state.cache_read_tokens_used + usage.cacheRead,
    reasoning_tokens_used: state.reasoning_tokens_used + usage.reasoning,
  });
}
