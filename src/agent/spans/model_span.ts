/** One attempt of a model call, as a span on the bus. */

import { summarize } from "../../core/error_text.ts";
import { inPlaceOf, type Run } from "../../core/run/run_context.ts";
import { endOpen } from "../../core/run/open_work.ts";
import { type OpenSpan, startSpan } from "../../core/run/span.ts";
import type { AgentTokensUsed } from "../../events/catalogue/agent.ts";
import type { SnapshotRun } from "../../runtime/follow/followed.ts";
import type { RecordedCall } from "./conversation_recorder.ts";
import { toContentAnswer } from "./content_messages.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { PromptMessage } from "../model/request.ts";
import type { ModelResponse } from "../model/response.ts";
import type { LanguageModelV4Content, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isRecord } from "../../core/options.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { type AgentEvent, toolComplete, toolStart } from "../state/events.ts";
import { liftFiles } from "../state/files.ts";
import type { Arguments, ToolCall } from "../state/messages.ts";
import { report } from "../state/texts.ts";
import type { Channel } from "../../content/model_chunks.ts";

export interface ModelCall {
  readonly model: ChatModel;
  readonly iteration: number;
  readonly attempt: number;
  readonly streaming: boolean;
  readonly prompt: readonly PromptMessage[];
  /** How many of its answers another provider gave, so that parts of them were converted or left out. @default {0} */
  readonly foreign?: number;
  readonly isBeside?: boolean;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

export class ModelSpan {
  readonly run: Run;
  /** Calls what is the user's inside of the span. */
  readonly inside: SnapshotRun = (fn) => inPlaceOf(this.run, fn);
  /** What its messages are published by; null if nobody asks for them. */
  recorded: RecordedCall | null = null;
  /** The attempt that failed and is not closed yet, while a summary is asked for. */
  outer: ModelSpan | null = null;
  readonly #span: OpenSpan;
  readonly #model: string;
  readonly #startedAt = performance.now();
  #answer: ModelResponse | null = null;
  #error: string | null = "AbortError: The call was left";
  #durationMs: number | null = null;
  #isOver = false;

  constructor(agent: Run, call: ModelCall) {
    const { modelId, provider } = call.model;
    const { temperature, maxOutputTokens } = call;
    this.#model = modelId;
    this.#span = startSpan(agent, modelId, "model", {
      model: modelId,
      provider,
      iteration: call.iteration,
      attempt: call.attempt,
      streaming: call.streaming,
      message_count: call.prompt.length,
      ...call.foreign && { converted_messages: call.foreign },
      ...temperature !== undefined && { temperature },
      ...maxOutputTokens !== undefined && { max_output_tokens: maxOutputTokens },
    });
    this.run = agent.inSpan(this.#span.id);
  }

  get id(): string {
    return this.#span.id;
  }

  /** The call is answered; what follows is not its time. */
  answer(answer: ModelResponse): void {
    this.#durationMs = performance.now() - this.#startedAt;
    this.#answer = answer;
    this.#error = null;
  }

  /** Publishes what it answered, as hooks have left it, if somebody asks for that. */
  tell(answer: ModelResponse): void {
    this.recorded?.answer(toContentAnswer(answer), answer.report?.sources);
  }

  /** The call has failed, or what it answered may not be used. */
  fail(error: unknown): void {
    this.#durationMs ??= performance.now() - this.#startedAt;
    this.#error = summarize(error);
  }

  /** What `agent.tokens.used` says beside the counts. */
  get tokens(): Partial<AgentTokensUsed> {
    const { usage } = this.#answer ?? {};
    return { span_id: this.id, model: this.#model, ...usage && cacheAndReasoning(usage) };
  }

  /** Ends the span; of no effect the second time. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    endOpen(this.run, this.#error !== null);
    this.#span.complete(this.#error === null, this.#error, {
      ...this.#durationMs !== null && { duration_ms: this.#durationMs },
      attributes: this.#answer === null ? {} : attributesOf(this.#answer, this.#startedAt),
    });
  }
}

function attributesOf(
  { usage, report }: ModelResponse,
  startedAt: number,
): Record<string, unknown> {
  const { finishReason = null, firstTokenAt = null, id = null, model = null } = report ?? {};
  return {
    finish_reason: finishReason,
    input_tokens: usage?.prompt ?? null,
    output_tokens: usage?.completion ?? null,
    cached_input_tokens: usage?.cacheRead ?? null,
    cache_write_tokens: usage?.cacheCreation ?? null,
    reasoning_tokens: usage?.reasoning ?? null,
    first_token_ms: firstTokenAt === null ? null : firstTokenAt - startedAt,
    response_id: id,
    response_model: model,
  };
}

function cacheAndReasoning(
  { cacheRead, cacheCreation, reasoning }: NonNullable<ModelResponse["usage"]>,
): Partial<AgentTokensUsed> {
  return {
    cached_input_tokens: cacheRead,
    cache_write_tokens: cacheCreation,
    reasoning_tokens: reasoning,
  };
}

/** The span of an agent, as far as it is told here. */
export interface ToldSpan {
  readonly hasContent: boolean;
  stream(channel: Channel, text: string): void;
  readonly tools: { open(call: ToolCall): unknown };
  publish(event: AgentEvent): void;
}

export class ModelParts {
  readonly #span: ToldSpan;
  /** The calls that the provider is at work on, and since when. */
  readonly #open = new Map<string, { readonly call: ToolCall; readonly startedAt: number }>();

  constructor(span: ToldSpan) {
    this.#span = span;
  }

  /** Never throws: what the bus cannot be told is not what the answer depends on. */
  hear(part: LanguageModelV4StreamPart | LanguageModelV4Content): void {
    try {
      this.#tell(part);
    } catch (error) {
      report("a part of a model's answer could not be published", error);
    }
  }

  #tell(part: LanguageModelV4StreamPart | LanguageModelV4Content): void {
    switch (part.type) {
      case "reasoning-delta":
        return this.#stream("reasoning", part.delta);
      case "tool-input-delta":
        return this.#stream("tool_input", part.delta);
      case "tool-call":
        if (part.providerExecuted) this.#begin(part.toolCallId, part.toolName, part.input);
        return;
      case "tool-result": {
        if (part.preliminary) return;
        const { json } = liftFiles(part.result, []);
        const text = typeof json === "string" ? json : JSON.stringify(json) ?? "";
        return part.isError
          ? this.#end(part.toolCallId, null, defaultRedactor().preview(text, MAX_ERROR_LENGTH))
          : this.#end(part.toolCallId, text, null);
      }
      case "tool-approval-request":
        // What comes after the answer is a call of its own.
        return this.#end(part.toolCallId, "Asks for approval", null);
    }
  }

  /** Ends what the provider will not end any more, because the call has failed. */
  fail(): void {
    for (const id of this.#open.keys()) this.#end(id, null, "cancelled");
  }

  #stream(channel: Channel, text: string): void {
    if (this.#span.hasContent) this.#span.stream(channel, text);
  }

  #begin(id: string, name: string, input: string): void {
    if (this.#open.has(id)) return;
    const args = readArguments(input);
    const call = { id, name, arguments: args };
    this.#open.set(id, { call, startedAt: performance.now() });
    this.#span.tools.open(call);
    this.#span.publish(toolStart(call, args));
  }

  #end(id: string, result: string | null, error: string | null): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const duration_ms = performance.now() - open.startedAt;
    this.#span.publish(toolComplete(open.call, { result, error, duration_ms }));
  }
}

const MAX_ERROR_LENGTH = 240;

function readArguments(input: string): Arguments {
  try {
    const value: unknown = JSON.parse(input);
    return isRecord(value) ? value as Arguments : {};
  } catch {
    return {};
  }
}
