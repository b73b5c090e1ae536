import type { ContentMessage, ContentPart } from "../events/catalogue/content.ts";
import { isRecord } from "../core/describe.ts";

/**
 * What a message says, as text: its parts one below the other. Calls of tools are written as `name(arguments)`, their
 * results after an arrow, and data as what is known of it. Takes messages of any shape.
 */
export function messageText({ parts }: ContentMessage): string {
  return parts.map((part: unknown) => partText(isRecord(part) ? part as ContentPart : NOTHING))
    .filter((text) => text !== "").join("\n");
}

function partText(part: ContentPart): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return textOf(part.content);
    case "tool_call":
    case "server_tool_call":
      return `${part.name}(${textOf(part.arguments ?? part.server_tool_call)})`;
    case "tool_call_response":
    case "server_tool_call_response":
      return `→ ${textOf(part.response ?? part.server_tool_call_response)}`;
    case "uri":
      return `[${kindOf(part)}: ${part.uri}]`;
    case "file":
      return `[${kindOf(part)}: ${part.file_id}]`;
    case "blob":
      return `[${kindOf(part)}, ${part.bytes ?? "?"} bytes, not stored]`;
    default:
      return `[${part.type}]`;
  }
}

function kindOf({ mime_type: mimeType, modality, type }: ContentPart): string {
  return String(mimeType ?? modality ?? type);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

const NOTHING: ContentPart = { type: "text", content: "" };
