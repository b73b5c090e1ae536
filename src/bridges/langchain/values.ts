import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import type { ModelUsage } from "../recorder/span_options.ts";

/** Keys of something that LangChain hands over. Its classes are not imported, so nothing is known of it. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value whose keys can be read; nothing has none. */
export function fieldsOf(value: unknown): Fields {
  return Object(value) as Fields;
}

/** The value of a key, if it is a text that says something. */
export function textIn(value: unknown, key: string): string | undefined {
  const text = fieldsOf(value)[key];
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A list, or none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The last part of the id of a serialized object: the name of its class. */
export function classOf(serialized: unknown): string {
  return String(listOf(fieldsOf(serialized).id).at(-1) ?? "");
}

/** The text of a message; blocks that are none are left out. */
export function messageText(message: unknown): string {
  const { content } = fieldsOf(message);
  if (typeof content === "string") return content;
  return listOf(content).map((block) => textIn(block, "text") ?? "").join("");
}

/** The text of the last message of a state. */
export function lastText(state: unknown): string {
  return messageText(listOf(fieldsOf(state).messages).at(-1));
}

/** What a model thinks, in a piece of a message. */
export function thoughtIn(message: unknown): string {
  const { content, additional_kwargs } = fieldsOf(message);
  const blocks = listOf(content).map((block) =>
    textIn(block, "reasoning") ?? textIn(block, "thinking") ?? ""
  );
  return blocks.join("") ||
    (textIn(additional_kwargs, "reasoning_content") ?? "");
}

/** The tokens of an answer, by its message or else by what its provider said. */
export function usageIn(message: unknown, output: unknown): ModelUsage | undefined {
  const { usage_metadata } = fieldsOf(message);
  if (usage_metadata !== undefined) {
    const { input_tokens, output_tokens, total_tokens, ...details } = fieldsOf(usage_metadata);
    const { cache_read, cache_creation } = fieldsOf(details.input_token_details);
    const { reasoning } = fieldsOf(details.output_token_details);
    return {
      input: number(input_tokens),
      output: number(output_tokens),
      total: number(total_tokens),
      cached: number(cache_read),
      cacheWrite: number(cache_creation),
      reasoning: number(reasoning),
    };
  }
  const { tokenUsage } = fieldsOf(fieldsOf(output).llmOutput);
  if (tokenUsage === undefined) return undefined;
  const { promptTokens, completionTokens, totalTokens } = fieldsOf(tokenUsage);
  return {
    input: number(promptTokens),
    output: number(completionTokens),
    total: number(totalTokens),
  };
}

/** A message in the shape that `span.content` has. */
export function toContentMessage(message: unknown): ContentMessage {
  if (typeof message === "string") {
    return { role: "user", parts: [text(message)] };
  }
  const type = textIn(message, "type") ?? textIn(message, "role") ?? "";
  const said = messageText(message);
  const { tool_call_id, tool_calls } = fieldsOf(message);
  if (type === "tool") {
    return {
      role: "tool",
      parts: [{
        type: "tool_call_response",
        id: String(tool_call_id),
        response: said,
      }],
    };
  }
  const calls = listOf(tool_calls).map((call): ContentPart => {
    const { id, name, args } = fieldsOf(call);
    return {
      type: "tool_call",
      id: String(id),
      name: String(name),
      arguments: args,
    };
  });
  return {
    role: ROLES[type] ?? type,
    parts: [...said === "" ? [] : [text(said)], ...calls],
  };
}

/** What is asked: in words of the program, or by what deepagents and LangChain's middleware ask. */
export function questionIn(value: unknown): string {
  if (typeof value === "string") return value;
  const { question, actionRequests } = fieldsOf(value);
  if (typeof question === "string") return question;
  const names = listOf(actionRequests).map((request) => `Run ${textIn(request, "name")}?`);
  return names.length > 0 ? names.join(" ") : JSON.stringify(value) ?? "";
}

/** The answers to choose from; null if any will do. */
export function optionsIn(value: unknown): readonly string[] | null {
  const { options, reviewConfigs } = fieldsOf(value);
  const list = options ?? fieldsOf(listOf(reviewConfigs)[0]).allowedDecisions;
  return Array.isArray(list) ? list.map(String) : null;
}

const ROLES: Readonly<Record<string, string>> = { human: "user", ai: "assistant" };

function text(content: string): ContentPart {
  return { type: "text", content };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
