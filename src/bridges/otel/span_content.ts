/** What went into a span and came out of it, in the words of OpenTelemetry. */

import type { Attributes } from "@opentelemetry/api";
import type { Conversation } from "../../view/conversation.ts";
import { clip, type Fields, textIn } from "../../view/payload.ts";
import type { ContentPolicy } from "./content.ts";
import type { SpanSettings } from "./run_spans.ts";

/**
 * The attribute that a `span.content` is, if content is recorded; nothing else. The messages that went in are all
 * that the model was told, the newest of them where those are too many for an attribute.
 */
export function contentAttributes(
  data: Fields,
  conversation: Conversation,
  { recordContent, redactor, conventions }: ContentPolicy & Pick<SpanSettings, "conventions">,
): Attributes {
  const key = `${textIn(data, "direction")} ${textIn(data, "kind")}`;
  const name = NAMES[key] ?? (conventions === "1.37.0" ? undefined : NEW_NAMES[key]);
  if (!recordContent || name === undefined) return {};
  const { content } = data;
  if (name !== INPUT_MESSAGES) return { [name]: textOf(redactor.data(content)) };
  const { messages } = conversation.prompt(textIn(data, "span_id")) ?? { messages: [] };
  return { [name]: newestOf(messages, (message) => JSON.stringify(redactor.data(message))) };
}

/** The last of a list that have room in an attribute, as a list in JSON. */
function newestOf<T>(list: readonly T[], toJson: (item: T) => string): string {
  const texts: string[] = [];
  let length = 2;
  for (let index = list.length - 1; index >= 0; index--) {
    const text = toJson(list[index]!);
    length += text.length + 1;
    if (length > MAX_LENGTH) break;
    texts.unshift(text);
  }
  return `[${texts.join()}]`;
}

function textOf(content: unknown): string {
  return clip(typeof content === "string" ? content : JSON.stringify(content), MAX_LENGTH);
}

const INPUT_MESSAGES = "gen_ai.input.messages";

const NAMES: Readonly<Record<string, string>> = {
  "input messages": INPUT_MESSAGES,
  "output messages": "gen_ai.output.messages",
  "input tools": "gen_ai.tool.definitions",
  "input arguments": "gen_ai.tool.call.arguments",
  "output result": "gen_ai.tool.call.result",
};

const NEW_NAMES: Readonly<Record<string, string>> = {
  "output documents": "gen_ai.retrieval.documents",
};

// In characters; backends cut or refuse what is much longer.
const MAX_LENGTH = 100_000;
