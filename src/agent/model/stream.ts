/** Reads one streamed answer. */

import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { toTimestamp } from "../../core/timestamp.ts";
import type { SnapshotRun } from "../../runtime/follow/followed.ts";
import { ModelResponseError } from "../state/errors.ts";
import type { ModelChunkEvent } from "../state/events.ts";
import { type Steps, until } from "../state/steps.ts";
import type { ToolCall } from "../state/messages.ts";
import { type ModelFinish, type ModelResponse, ResponseBuilder } from "./response.ts";
import { willFailAgain } from "./failures.ts";
import { isError } from "../../runtime/realm.ts";

export interface StreamWatch {
  readonly signal: AbortSignal;
  heard?(): void;
}

/**
 * Yields what arrives, at last a chunk that says so, and returns the whole answer. However it is left,
 * the stream is cancelled.
 *
 * @param inside Calls what is the model's in the context that it belongs to.
 * @param onPart Told of all that arrives.
 * @throws {ModelResponseError} If the stream ends before the answer does.
 */
export function* readResponse(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  watch: StreamWatch,
  inside: SnapshotRun = (fn) => fn(),
  onPart?: (part: LanguageModelV4StreamPart) => void,
): Steps<ModelResponse> {
  const { signal } = watch;
  const reader = stream.getReader();
  const read = () => reader.read();
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  // Cancelling settles a read that is under way, even if the model never answers the signal.
  signal.addEventListener("abort", cancel, { once: true });
  const builder = new ResponseBuilder();
  let finish: ModelFinish | null = null;
  try {
    while (true) {
      signal.throwIfAborted();
      const { done, value: part } = yield* until(inside(read));
      signal.throwIfAborted();
      if (done) break;
      watch.heard?.();
      if (part.type === "finish") finish = part;
      else {
        onPart?.(part);
        const chunk = take(builder, part);
        if (chunk !== null) yield chunk;
      }
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
  if (finish === null || isMadeUp(finish)) {
    throw new ModelResponseError("The model's stream ended before its answer was complete");
  }
  const response = builder.build(finish);
  yield createChunk(null, null, true);
  return response;
}

/** Several clients end a stream that was cut off with a finish of their own, which has nothing of the provider's. */
function isMadeUp({ finishReason, usage }: ModelFinish): boolean {
  return finishReason?.unified === "other" && finishReason.raw === undefined &&
    !usage?.outputTokens.total;
}

function take(
  builder: ResponseBuilder,
  part: Exclude<LanguageModelV4StreamPart, { type: "finish" }>,
): ModelChunkEvent | null {
  switch (part.type) {
    case "text-start":
    case "reasoning-start":
      builder.addText(kindOf(part), part.id, "", part.providerMetadata);
      return null;
    case "reasoning-delta":
    case "text-delta":
    case "tool-input-delta":
      builder.firstTokenAt ??= performance.now();
      if (part.type === "tool-input-delta") return null;
      builder.addText(kindOf(part), part.id, part.delta, part.providerMetadata);
      return part.type === "text-delta" && part.delta !== ""
        ? createChunk(part.delta, null, false)
        : null;
    case "text-end":
    case "reasoning-end":
      builder.endText(kindOf(part), part.id, part.providerMetadata);
      return null;
    case "tool-call":
    case "tool-approval-request": {
      builder.firstTokenAt ??= performance.now();
      const call = builder.add(part);
      return call === null ? null : createChunk(null, Object.freeze([call]), false);
    }
    case "tool-result":
    case "custom":
    case "file":
    case "reasoning-file":
    case "source":
      builder.add(part);
      return null;
    case "response-metadata":
      builder.response = part;
      return null;
    case "error":
      throw isError(part.error) ? part.error : new ModelResponseError(
        `The model failed: ${describeError(part.error)}`,
        part.error,
        !willFailAgain(part.error),
      );
    default:
      // Beginnings, pings, raw parts, and the deltas of tool input that the whole call repeats.
      return null;
  }
}

// The one event there are thousands of: not by createEvent(), which looks at every key.
function createChunk(
  content: string | null,
  toolCalls: readonly ToolCall[] | null,
  done: boolean,
): ModelChunkEvent {
  return Object.freeze({
    event_type: "model_chunk",
    timestamp: toTimestamp(Date.now()),
    content,
    tool_calls: toolCalls,
    done,
  });
}

function kindOf(part: { type: `${"text" | "reasoning"}-${string}` }): "text" | "reasoning" {
  return part.type.startsWith("text") ? "text" : "reasoning";
}

function describeError(error: unknown): string {
  if (typeof error === "string") return error;
  const { message } = Object(error) as { message?: unknown };
  return typeof message === "string" ? message : "no reason given";
}
