/** What an MCP server returned, as text for the model. */

import { canonicalJson, isRecord } from "../json.ts";

/**
 * The result of a call as text.
 *
 * - Text is taken as it is. Of what is no text, only what it is: the model cannot read base64.
 * - Structured content is added as JSON, unless a text says the same.
 *
 * @throws {Error} If the server says that the call failed: with what it says, in one line.
 */
export function readMcpResult(result: unknown): unknown {
  if (!isRecord(result)) return result;
  // Servers of 2024 answer with a single value.
  if ("toolResult" in result) return result.toolResult;
  const content = Array.isArray(result.content) ? result.content.filter(isRecord) : [];
  const parts = content.map(partText);
  const { structuredContent } = result;
  if (structuredContent !== undefined && !content.some((part) => says(part, structuredContent))) {
    parts.push(JSON.stringify(structuredContent, null, 2));
  }
  const text = parts.join("\n");
  // An error's text is cut at its first line end, and what helps the model may come after it.
  if (result.isError === true) throw new Error(text.replace(/\s*[\r\n]+\s*/g, " "));
  return text === "" ? undefined : text;
}

type Part = Record<string, unknown>;

function partText(part: Part): string {
  switch (part.type) {
    case "text":
      return String(part.text);
    case "image":
    case "audio":
      return `[${part.type}: ${mediaType(part)}, ${byteLength(part.data)} bytes]`;
    case "resource_link":
      return `[resource: ${[part.name, part.uri].filter(isText).join(", ")}]`;
    case "resource":
      return resourceText(isRecord(part.resource) ? part.resource : {});
    default:
      return `[${String(part.type)}]`;
  }
}

function resourceText(resource: Part): string {
  const uri = String(resource.uri);
  if (isText(resource.text)) return `[resource: ${uri}]\n${resource.text}`;
  return `[resource: ${uri}, ${mediaType(resource)}, ${byteLength(resource.blob)} bytes]`;
}

function mediaType({ mimeType }: Part): string {
  return isText(mimeType) ? mimeType : "unknown type";
}

/** Of what is behind base64, without decoding it. */
function byteLength(base64: unknown): number {
  if (!isText(base64)) return 0;
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.max(0, Math.floor(base64.length * 3 / 4) - padding);
}

/** Whether a part is the text of `value`: the protocol asks servers to send both, for old clients. */
function says(part: Part, value: unknown): boolean {
  if (part.type !== "text" || !isText(part.text)) return false;
  try {
    return canonicalJson(JSON.parse(part.text)) === canonicalJson(value);
  } catch {
    // No JSON, so it says something else.
    return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
