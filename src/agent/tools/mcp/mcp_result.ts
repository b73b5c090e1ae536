/** What an MCP server returned, as texts and files for the model. */

import { canonicalJson, isRecord } from "../../../core/json.ts";
import { byteLength, isFilePart, liftFiles, toContent } from "../../state/files.ts";

/**
 * The result of a call: a text, or the parts of one with files.
 *
 * - Text is taken as it is. Images, audio and resources whose type is known are files.
 * - Structured content is added as JSON, unless a text says the same. The model cannot read base64, so what is in it as such
 *   becomes a file, unless it is one of those of the content.
 *
 * @throws {Error} If the server says that the call failed: with what it says, in one line.
 */
export function readMcpResult(result: unknown): unknown {
  if (!isRecord(result)) return result;
  // Servers of 2024 answer with a single value.
  if ("toolResult" in result) return result.toolResult;
  let content = Array.isArray(result.content) ? result.content.filter(isRecord) : [];
  const { structuredContent } = result;
  let parts: Part[] = content.map(toPart);
  if (structuredContent !== undefined) {
    const { json, files } = liftFiles(structuredContent, parts.map(({ data }) => data));
    if (json !== structuredContent) {
      // What says the same has the same base64 in it.
      content = content.filter((part) => !says(part, structuredContent));
      parts = content.map(toPart);
    }
    if (!content.some((part) => says(part, structuredContent))) {
      parts.push({ type: "text", text: JSON.stringify(json, null, 2) }, ...files);
    }
  }
  // An error's text is cut at its first line end, and what helps the model may come after it.
  if (result.isError === true) {
    const { text } = toContent("an MCP server's result", parts, "\n");
    throw new Error(text.replace(/\s*[\r\n]+\s*/g, " "));
  }
  if (parts.some(isFilePart)) return { type: "content", value: parts };
  return parts.map(({ text }) => text).join("\n") || undefined;
}

type Part = Record<string, unknown>;

function toPart(part: Part): Part {
  switch (part.type) {
    case "text":
      return { type: "text", text: String(part.text) };
    case "image":
    case "audio":
      return isText(part.data) ? { ...part } : text(`[${part.type}]`);
    case "resource_link":
      return text(`[resource: ${[part.name, part.uri].filter(isText).join(", ")}]`);
    case "resource":
      return resourcePart(isRecord(part.resource) ? part.resource : {});
    default:
      return text(`[${String(part.type)}]`);
  }
}

function resourcePart({ uri, text: content, blob, mimeType }: Part): Part {
  if (isText(content)) return text(`[resource: ${uri}]\n${content}`);
  if (isText(blob) && isText(mimeType)) {
    return { type: "file", data: blob, mimeType, filename: String(uri).split("/").at(-1) };
  }
  const bytes = isText(blob) ? byteLength(blob) : 0;
  return text(
    `[resource: ${uri}, ${isText(mimeType) ? mimeType : "unknown type"}, ${bytes} bytes]`,
  );
}

function text(text: string): Part {
  return { type: "text", text };
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
