import type { Run } from "../../core/run/run.ts";
import type { RecordedCall } from "../recorder/record_call.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanEnding } from "../recorder/span_options.ts";
import {
  type EndEvent,
  type ModelEndEvent,
  type ModelEvent,
  type Part,
  partsIn,
  partsOf,
  type StartEvent,
  type ToolEvent,
  type Usage,
} from "./hooks.ts";
import { toContentAnswer, toContentMessages, toDefinitions } from "./messages.ts";

/** One call of `generateText()`, `streamText()` and the like: an agent at work. */
export class AiCall {
  readonly #recorder: SpanRecorder;
  readonly #agent: string;
  readonly #maxRetries: number;
  readonly #answers: readonly string[];
  /** The attempt of a model call that is under way. */
  #model: object | null = null;
  #steps = 0;
  #attempt = 0;
  #failedAt = 0;
  /** What the model failed with last. */
  #error: unknown;
  #hasTools = false;
  #asks = false;

  constructor({ recorder }: RecordedCall, event: StartEvent, onClose: () => void) {
    const { callId, operationId, modelId = "model", provider, functionId, tools, messages } = event;
    this.#recorder = recorder;
    this.#agent = callId;
    this.#maxRetries = event.maxRetries ?? 0;
    this.#answers = answersIn(messages);
    recorder.open("agent", callId, {
      name: functionId ?? modelId,
      attributes: {
        model: modelId,
        provider,
        operation: operationId,
        tools: Object.keys(tools ?? {}),
      },
      answers: this.#answers,
      onClose,
    });
  }

  /** The run, as seen from inside of the attempt that is under way; undefined if there is none. */
  get insideModel(): Run | undefined {
    return this.#model === null ? undefined : this.#recorder.runAt(this.#model);
  }

  /** The run, as seen from inside of a tool's call. */
  insideTool(toolCallId: string): Run | undefined {
    const key = this.#keyOf(toolCallId);
    return this.#recorder.has(key) ? this.#recorder.runAt(key) : undefined;
  }

  /** A turn begins, with attempts to come. A stream that is tried again says so by another one. */
  startTurn(): void {
    if (this.#model !== null) {
      this.failModel(this.#error ?? new Error("the model was called again"));
    }
    this.#attempt = 0;
  }

  startModel(event: ModelEvent): void {
    const { modelId = "model", provider, temperature, maxOutputTokens } = event;
    const { instructions, messages = event.promptMessages ?? [] } = event;
    const key = this.#model = {};
    const waited = performance.now() - this.#failedAt;
    this.#attempt++;
    this.#recorder.open("model", key, {
      name: modelId,
      parent: this.#agent,
      attributes: {
        model: modelId,
        provider,
        iteration: this.#steps,
        attempt: this.#attempt,
        message_count: messages.length,
        temperature,
        max_output_tokens: maxOutputTokens,
      },
    });
    if (this.#attempt > 1) {
      this.#recorder.say(key, "agent.model.retry", {
        attempt: this.#attempt - 1,
        max_retries: this.#maxRetries,
        delay_seconds: waited / 1000,
        reason: reasonOf(this.#error),
      });
    }
    if (!this.#recorder.runAt(key).content) return;
    const tools = this.#hasTools ? null : toDefinitions(event.tools);
    this.#hasTools = true;
    if (tools !== null) this.#recorder.content(this.#agent, "input", "tools", tools);
    const content = toContentMessages(instructions, messages);
    this.#recorder.content(key, "input", "messages", content);
  }

  /** A part of what the model streams. */
  see({ type, delta = "", error }: Part): void {
    const key = this.#model;
    if (type === "error") this.#error = error;
    if (key === null) return;
    if (type === "text-delta") this.#recorder.delta(key, delta);
    else if (type === "reasoning-delta") this.#recorder.delta(key, delta, "reasoning");
    else if (type === "tool-input-start") this.#recorder.delta(key, "", "tool_input");
    else if (type === "tool-input-delta") this.#recorder.delta(key, delta, "tool_input");
  }

  /** The model's stream broke. What comes of it, the host says. */
  breakStream(error: unknown): void {
    this.#error = error;
  }

  failModel(error: unknown): void {
    this.#error = error;
    this.#failedAt = performance.now();
    this.#closeModel({ error });
  }

  endModel({ finishReason, usage, content, objectText, responseId }: ModelEndEvent): void {
    if (finishReason === "error") {
      return this.failModel(
        this.#error ?? new Error("the stream of the provider reported an error"),
      );
    }
    this.#error = undefined;
    const key = this.#model;
    if (key !== null && content?.length && this.#recorder.runAt(key).content) {
      this.#recorder.content(key, "output", "messages", [toContentAnswer(content)]);
    }
    this.#closeModel({
      text: objectText ?? textIn(content),
      toolCalls: partsOf(content, "tool-call").length,
      finish: finishReason,
      usage: usage && toUsage(usage),
      attributes: { response_id: responseId },
    });
  }

  startTool({ toolCall: { toolCallId, toolName, input } }: ToolEvent): void {
    this.#recorder.open("tool", this.#keyOf(toolCallId), {
      parent: this.#agent,
      name: toolName,
      callId: toolCallId,
      args: input,
    });
  }

  endTool({ toolCall, toolOutput }: ToolEvent): void {
    const key = this.#keyOf(toolCall.toolCallId);
    if (toolOutput?.type !== "tool-error") {
      return this.#recorder.close(key, { output: toolOutput?.output });
    }
    this.#recorder.close(key, { error: toolOutput.error ?? new Error("the tool failed") });
  }

  endTurn({ content }: EndEvent): void {
    this.#steps++;
    for (const { approvalId, isAutomatic, toolCall } of partsOf(content, "tool-approval-request")) {
      if (isAutomatic || approvalId === undefined) continue;
      this.#asks = true;
      this.#recorder.interrupt(this.#agent, {
        id: approvalId,
        question: `Run ${toolCall?.toolName}?`,
        options: ["approve", "deny"],
      });
    }
  }

  end(event: EndEvent): void {
    const { finishReason = "stop", text } = event;
    const open = partsIn(event.content).filter(({ type, toolCallId }) =>
      type === "tool-call" &&
      !partsIn(event.content).some((part) =>
        part.type !== "tool-call" && part.toolCallId === toolCallId
      )
    );
    const isCut = CUT_OFF.includes(finishReason);
    this.#recorder.close(this.#agent, {
      waits: this.#asks,
      text,
      // Without a result: a tool that whoever made the call executes.
      reason: isCut
        ? `model_${finishReason}`
        : finishReason !== "tool-calls"
        ? "complete"
        : open.length > 0
        ? `tool_called:${open[0]!.toolName}`
        : "max_iterations",
      error: isCut ? this.#error ?? new Error(`the model stopped: ${finishReason}`) : undefined,
      errorKind: isCut ? "model" : undefined,
    });
  }

  fail(error: unknown): void {
    this.#closeModel({ error });
    this.#recorder.close(this.#agent, { error: error ?? new Error("the call failed") });
  }

  cancel(): void {
    this.#recorder.close(this.#agent, { cancelled: true });
  }

  #closeModel(ending: SpanEnding): void {
    if (this.#model !== null) this.#recorder.close(this.#model, ending);
    this.#model = null;
  }

  #keyOf(toolCallId: string): string {
    return `${this.#agent}/${toolCallId}`;
  }
}

/** The ids of the questions that a call brings answers to. */
export function answersIn(messages: readonly unknown[] = []): string[] {
  return messages.flatMap((message) => {
    const { content } = Object(message) as { content?: unknown };
    return partsOf(content, "tool-approval-response").map(({ approvalId = "" }) => approvalId);
  });
}

function textIn(content: unknown): string {
  return partsOf(content, "text").map(({ text = "" }) => text).join("");
}

function toUsage(usage: Usage): SpanEnding["usage"] {
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    total: usage.totalTokens,
    cached: usage.inputTokenDetails?.cacheReadTokens,
    cacheWrite: usage.inputTokenDetails?.cacheWriteTokens,
    reasoning: usage.outputTokenDetails?.reasoningTokens,
  };
}

function reasonOf(error: unknown): string {
  const { statusCode } = Object(error) as { statusCode?: unknown };
  return statusCode === 429 ? "rate_limit" : statusCode === 408 ? "timeout" : "server_error";
}

const CUT_OFF = ["length", "content-filter", "error"];
