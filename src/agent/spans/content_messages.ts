/** The conversation with a model in the shape that `span.content` has. */

import type { SharedV4FileData } from "@ai-sdk/provider";
import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import { byteLength, liftFiles } from "../state/files.ts";
import {
  type AnswerParts,
  type AssistantPart,
  partsOfAnswer,
  type PromptMessage,
  type ToolResultPart,
  type UserPart,
} from "../model/request.ts";

export function toContentMessages(prompt: readonly PromptMessage[]): ContentMessage[] {
  return prompt.map(({ role, content }) => ({
    role,
    parts: typeof content === "string"
      ? [text(content)]
      : content.map((part) =>
        part.type === "tool-approval-response"
          ? { type: part.type, id: part.approvalId, response: part.approved }
          : toPart(part, role === "assistant")
      ),
  }));
}

/** What it answered, as the next prompt repeats it; null if that was nothing. */
export function toContentAnswer(answer: AnswerParts): ContentMessage | null {
  const parts = partsOfAnswer(answer);
  return parts.length === 0
    ? null
    : { role: "assistant", parts: parts.map((part) => toPart(part, true)) };
}

/** @param isAnswer Whether it is the model's: the tools whose results it holds are the provider's. */
function toPart(part: AssistantPart | ToolResultPart | UserPart, isAnswer: boolean): ContentPart {
  switch (part.type) {
    case "text":
    case "reasoning":
      return { type: part.type, content: part.text };
    case "tool-call": {
      const { toolCallId: id, toolName: name, input } = part;
      return part.providerExecuted
        ? { type: "server_tool_call", id, name, server_tool_call: { type: name, arguments: input } }
        : { type: "tool_call", id, name, arguments: input };
    }
    case "tool-result":
      return toResponse(part, isAnswer);
    case "file":
    case "reasoning-file":
      return toFile(part.data, part.mediaType);
    default:
      // What a provider has of its own says nothing to others, and may be large.
      return { type: part.kind };
  }
}

function toResponse(
  { toolCallId: id, toolName: name, output }: ToolResultPart,
  isAnswer: boolean,
): ContentPart {
  const isError = !["text", "json", "content"].includes(output.type);
  const response = output.type === "content"
    ? output.value.map((part) => part.type === "custom" ? { type: "custom" } : toPart(part, false))
    : "value" in output
    ? liftFiles(output.value, []).json
    : output.reason ?? null;
  return {
    ...isAnswer
      ? {
        type: "server_tool_call_response",
        id,
        server_tool_call_response: { type: name, response },
      }
      : { type: "tool_call_response", id, response },
    ...isError && { is_error: true },
  };
}

function toFile(data: SharedV4FileData, mime_type: string): ContentPart {
  const about = { mime_type, modality: modalityOf(mime_type) };
  switch (data.type) {
    case "url": {
      const uri = String(data.url);
      return uri.startsWith("data:")
        ? { type: "blob", bytes: sizeOfData(uri.slice(uri.indexOf(",") + 1)), ...about }
        : { type: "uri", uri, ...about };
    }
    case "reference":
      return { type: "file", file_id: Object.values(data.reference).join(), ...about };
    case "text":
      return text(data.text);
    default:
      return { type: "blob", bytes: sizeOfData(data.data), ...about };
  }
}

function text(content: string): ContentPart {
  return { type: "text", content };
}

function modalityOf(mimeType: string): string {
  return /^(?:image|audio|video|text)(?=\/|$)/.exec(mimeType)?.[0] ?? "document";
}

function sizeOfData(data: Uint8Array | string): number {
  return typeof data === "string" ? byteLength(data) : data.byteLength;
}
