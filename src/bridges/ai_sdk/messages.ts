import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import { isUrl } from "../../runtime/realm.ts";
import { type Part, partsIn } from "./hooks.ts";

/** What a model is asked, in the shape that `span.content` has. */
export function toContentMessages(
  instructions: unknown,
  messages: readonly unknown[],
): ContentMessage[] {
  const system = [instructions].flat().filter((one) => one !== undefined && one !== null).map(
    (one) => typeof one === "string" ? { role: "system", content: one } : one,
  );
  return [...system, ...messages].map((message) => {
    const { role, content } = message as { role?: unknown; content?: unknown };
    return { role: String(role), parts: partsIn(content).map(toPart) };
  });
}

/** What it answered, as the next prompt repeats it. */
export function toContentAnswer(content: readonly unknown[]): ContentMessage {
  return { role: "assistant", parts: partsIn(content).map(toPart) };
}

/** The tools that a model can call, by the shape of `gen_ai.tool.definitions`. */
export function toDefinitions(tools: unknown): unknown[] | null {
  if (!Array.isArray(tools) || tools.length === 0) return null;
  return tools.map(({ type, name, description, inputSchema }) => ({
    type,
    name,
    description,
    parameters: inputSchema,
  }));
}

/** The text of what a person asked last. */
export function lastQuestion(messages: readonly unknown[] = []): string {
  const asked = messages.findLast((message) => (message as { role?: unknown })?.role === "user");
  return partsIn((asked as { content?: unknown } | undefined)?.content)
    .map(({ text = "" }) => text).join("");
}

function toPart(part: Part): ContentPart {
  switch (part.type) {
    case "text":
    case "reasoning":
      return { type: part.type, content: part.text ?? "" };
    case "tool-call": {
      const { toolCallId: id, toolName: name, input } = part;
      return { type: "tool_call", id, name, arguments: input };
    }
    case "tool-result": {
      const { value = part.output } = Object(part.output) as { value?: unknown };
      return { type: "tool_call_response", id: part.toolCallId, response: value };
    }
    case "image":
    case "file": {
      const data = part.data ?? part.image;
      const { mediaType: mime_type = null } = part;
      return isUrl(data)
        ? { type: "uri", uri: data.href, mime_type }
        : { type: "blob", bytes: null, mime_type };
    }
    default:
      // What a provider has of its own says nothing to others, and may be large.
      return { type: String(part.type) };
  }
}
