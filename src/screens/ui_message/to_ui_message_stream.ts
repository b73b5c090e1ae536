import { checkText } from "../../core/checks.ts";
import { checkOptions } from "../../core/options.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { transform } from "../screen.ts";
import type { UiMessageStreamChunk } from "./chunks.ts";
import { UiMessageWriter } from "./writer.ts";

/** Options of {@linkcode toUiMessageStream}. */
export interface UiMessageStreamOptions {
  /** The id of the message that the run is. @default {the id of the run} */
  messageId?: string;
}

/**
 * Turns the events of a run into the chunks of one message of the [AI SDK](https://ai-sdk.dev), for `useChat()` and all
 * that reads its UI message stream.
 *
 * - **From the start:** begin with the history of the run, also when a client comes back: the AI SDK replaces what it
 *   has of the message. A stream that begins later, or has gaps, is valid, but without what is missing.
 * - **What becomes what:** each turn of the run's agent is a step, with its text, its thoughts and its tool calls. Agents
 *   inside of it are `data-agent` parts, questions `data-interrupt`, gaps `data-gap`. All other events are left out.
 * - **Content** (arguments, whole results, thoughts) is there where the run publishes content, else previews.
 * - **The end:** `finish`, `abort` or `error`, as the run ended. A run that waits for a person has not ended.
 *
 * @throws {TypeError} If an option is unknown, or no text.
 *
 * @example A run as a message
 * ```ts
 * import { readUIMessageStream, type UIMessageChunk } from "ai";
 * import { Agent } from "@locus/core/agent";
 * import { EventBus, withRun } from "@locus/core";
 * import { scriptedModel } from "@locus/core/testing";
 * import { toUiMessageStream } from "@locus/core/ui-message-stream";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const agent = new Agent({ model: scriptedModel(["Good morning."]) });
 * await withRun({ runId: "r1", bus }, () => agent.invoke("Greet me."));
 *
 * const stream = bus.subscribe("r1").pipeThrough(toUiMessageStream());
 * let message;
 * for await (message of readUIMessageStream({ stream: stream as ReadableStream<UIMessageChunk> }));
 * assertEquals(message?.parts.map((part) => part.type), ["step-start", "text"]);
 * ```
 */
export function toUiMessageStream(
  options: UiMessageStreamOptions = {},
): TransformStream<WireEvent, UiMessageStreamChunk> {
  const owner = "toUiMessageStream()";
  checkOptions(owner, options, ["messageId"]);
  const { messageId } = options;
  if (messageId !== undefined) checkText(owner, "messageId", messageId);
  return transform(new UiMessageWriter(messageId));
}
