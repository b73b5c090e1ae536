import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import { fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { ModelUsage } from "../recorder/span_options.ts";

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
  const { usage_metadata: usage } = fieldsOf(message);
  if (usage !== undefined) {
    const { input_token_details, output_token_details } = fieldsOf(usage);
    return {
      input: numberIn(usage, "input_tokens"),
      output: numberIn(usage, "output_tokens"),
      total: numberIn(usage, "total_tokens"),
      cached: numberIn(input_token_details, "cache_read"),
      cacheWrite: numberIn(input_token_details, "cache_creation"),
      reasoning: numberIn(output_token_details, "reasoning"),
    };
  }
  const { tokenUsage } = fieldsOf(fieldsOf(output).llmOutput);
  if (tokenUsage === undefined) return undefined;
  return {
    input: numberIn(tokenUsage, "promptTokens"),
    output: numberIn(tokenUsage, "completionTokens"),
    total: numberIn(tokenUsage, "totalTokens"),
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
      parts: [{ type: "tool_call_response", id: String(tool_call_id), response: said }],
    };
  }
  const calls = listOf(tool_calls).map((call): ContentPart => {
    const { id, name, args } = fieldsOf(call);
    return { type: "tool_call", id: String(id), name: String(name), arguments: args };
  });
  return { role: ROLES[type] ?? type, parts: [...said === "" ? [] : [text(said)], ...calls] };
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
