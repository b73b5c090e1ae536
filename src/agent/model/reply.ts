/** A model's answer as hooks see and change it. */

import { describe } from "../../core/options.ts";
import { deepFreeze, isRecord } from "../../core/json.ts";
import type { ToolCall } from "../state/messages.ts";
import { type AssistantPart, partsOfAnswer } from "./request.ts";
import type { ModelResponse } from "./response.ts";
import { usageRecord } from "./chat_model.ts";

/** A model's answer. */
export interface ModelReply {
  /** The text; null if there is none. */
  readonly content: string | null;
  /** The thinking that the model shows; null if it shows none. */
  readonly reasoning: string | null;
  /** What the model asks for, in its order. */
  readonly tool_calls: readonly ToolCall[];
  /** As in `model_complete`; empty if the provider did not say. */
  readonly usage: Readonly<Record<string, number>>;
  /** Why the model stopped, in the provider's own word; null if it did not say. */
  readonly stop_reason: string | null;
}

/** What of an answer can be replaced. */
export type ReplyChanges = Partial<Omit<ModelReply, "usage">>;

export function toReply(response: ModelResponse): ModelReply {
  const { content, reasoning, tool_calls, usage, stop_reason } = response;
  return deepFreeze({
    content,
    reasoning,
    tool_calls: Object.freeze([...tool_calls]),
    usage: usageRecord(usage),
    stop_reason,
  });
}

export function withReply(
  response: ModelResponse,
  before: ModelReply,
  reply: ModelReply,
): ModelResponse {
  if (reply === before) return response;
  const { content, reasoning, tool_calls, stop_reason } = reply;
  const keepsReasoning = reasoning === before.reasoning;
  return {
    ...response,
    content,
    reasoning,
    tool_calls,
    stop_reason,
    parts: rebuild(response.parts, reply, keepsReasoning),
  };
}

/** @throws {TypeError} If an answer cannot be changed to `changes`. */
export function checkReply(changes: unknown): ReplyChanges {
  if (!isRecord(changes)) throw invalid("expected an object", changes);
  for (const [key, value] of Object.entries(changes)) {
    switch (key) {
      case "content":
      case "reasoning":
      case "stop_reason":
        if (value === null || typeof value === "string") break;
        throw invalid(`"${key}" must be a string or null`, value);
      case "tool_calls":
        if (Array.isArray(value) && value.every(isToolCall)) break;
        throw invalid('"tool_calls" must be an array of { id, name, arguments }', value);
      default:
        throw invalid(
          "what can be replaced is content, reasoning, tool_calls and stop_reason",
          key,
        );
    }
  }
  return deepFreeze({ ...changes });
}

/**
 * What is handed back to the model: the parts that it gave, with the new text in the place of the old.
 * Signed reasoning must come back with the tool calls that it led to, so it stays unless it was replaced.
 */
function rebuild(
  parts: readonly AssistantPart[] | null,
  { content, tool_calls }: ModelReply,
  keepsReasoning: boolean,
): readonly AssistantPart[] | null {
  if (parts === null) return null;
  const calls = new Map(tool_calls.map((call) => [call.id, call]));
  const kept: AssistantPart[] = [];
  let text = content;
  for (const part of parts) {
    if (part.type === "text") {
      if (text) kept.push({ type: "text", text });
      text = null;
    } else if (part.type === "tool-call" && !part.providerExecuted) {
      const call = calls.get(part.toolCallId);
      if (call === undefined) continue;
      calls.delete(part.toolCallId);
      kept.push({ ...part, toolName: call.name, input: call.arguments });
    } else if (keepsReasoning || part.type !== "reasoning") kept.push(part);
  }
  return [
    ...kept,
    ...partsOfAnswer({ content: text, tool_calls: [...calls.values()], parts: null }),
  ];
}

function isToolCall(value: unknown): value is ToolCall {
  return isRecord(value) && typeof value.id === "string" && value.id !== "" &&
    typeof value.name === "string" && isRecord(value.arguments);
}

function invalid(rule: string, value: unknown): TypeError {
  return new TypeError(`AfterModelCallEvent.replaceResponse(): ${rule}, got ${describe(value)}`);
}
