import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import { dataOf, fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { ModelUsage, SpanEnding } from "../recorder/span_options.ts";

/** A call of a tool that a model asked for. */
export interface AskedCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** What a model answered. */
export interface Answer {
  readonly calls: readonly AskedCall[];
  readonly text: string;
  readonly messages: readonly ContentMessage[];
  readonly ending: SpanEnding;
}

/** The answer in a span of the Responses API or of chat completions; undefined if there is none. */
export function answerIn(data: unknown): Answer | undefined {
  const { _response, output } = fieldsOf(data);
  const [completion] = listOf(output);
  const whole = _response ?? completion;
  if (whole === undefined) return undefined;
  const [choice] = listOf(fieldsOf(whole).choices);
  const { message } = fieldsOf(choice);
  const items = message === undefined ? listOf(fieldsOf(whole).output ?? output) : [
    message,
    ...listOf(fieldsOf(message).tool_calls).map((call) => ({
      type: "function_call",
      call_id: fieldsOf(call).id,
      ...fieldsOf(fieldsOf(call).function),
    })),
  ];
  const calls = items.filter((item) => textIn(item, "type") === "function_call").map((item) => ({
    id: textIn(item, "call_id") ?? textIn(item, "callId") ?? "",
    name: textIn(item, "name") ?? "",
    args: textIn(item, "arguments") ?? "{}",
  }));
  const said = items.filter((item) => textIn(item, "role") === "assistant");
  const text = said.map((item) => textOf(fieldsOf(item).content)).join("");
  const rawFinish = textIn(choice, "finish_reason") ??
    textIn(fieldsOf(whole).incomplete_details, "reason") ?? textIn(whole, "status");
  const cut = rawFinish === "max_output_tokens" ? "length" : rawFinish;
  const isCut = cut === "length" || cut === "content_filter";
  const messages = items.length > 0 ? [toContentAnswer(text, calls)] : [];
  return {
    calls,
    text,
    messages,
    ending: {
      text,
      toolCalls: calls.length,
      finish: isCut ? cut : calls.length > 0 ? "tool-calls" : "stop",
      rawFinish,
      usage: usageIn(fieldsOf(data).usage ?? fieldsOf(whole).usage),
      attributes: { response_id: textIn(whole, "id"), response_model: textIn(whole, "model") },
    },
  };
}

/** What a model was asked, in the shape that `span.content` has. */
export function questionsIn(data: unknown): readonly ContentMessage[] {
  const { _input, input } = fieldsOf(data);
  const asked = _input ?? input;
  if (typeof asked === "string") {
    return [{ role: "user", parts: [{ type: "text", content: asked }] }];
  }
  const messages: ContentMessage[] = [];
  for (const item of listOf(asked)) {
    const part = toPart(item);
    const role = textIn(item, "role") ??
      (part.type === "tool_call_response" ? "tool" : "assistant");
    // The parts of one answer are items of their own.
    const last = messages.at(-1);
    if (role === "assistant" && last?.role === role) {
      messages[messages.length - 1] = { role, parts: [...last.parts, part] };
    } else messages.push({ role, parts: [part] });
  }
  return messages;
}

function toContentAnswer(text: string, calls: readonly AskedCall[]): ContentMessage {
  const parts = calls.map(({ id, name, args }): ContentPart => toCall(id, name, args));
  const said: ContentPart[] = text === "" ? [] : [{ type: "text", content: text }];
  return { role: "assistant", parts: [...said, ...parts] };
}

function toPart(item: unknown): ContentPart {
  const id = textIn(item, "callId") ?? textIn(item, "call_id") ?? textIn(item, "tool_call_id") ??
    "";
  switch (textIn(item, "type")) {
    case "function_call":
      return toCall(id, textIn(item, "name") ?? "", textIn(item, "arguments") ?? "{}");
    case "function_call_result": {
      const { output } = fieldsOf(item);
      return { type: "tool_call_response", id, response: textIn(output, "text") ?? output };
    }
    default: {
      if (textIn(item, "role") === "tool") {
        return { type: "tool_call_response", id, response: fieldsOf(item).content };
      }
      return { type: "text", content: textOf(fieldsOf(item).content) };
    }
  }
}

function toCall(id: string, name: string, args: string): ContentPart {
  return { type: "tool_call", id, name, arguments: dataOf(args) };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content).map((part) => textIn(part, "text") ?? "").join("");
}

function usageIn(usage: unknown): ModelUsage {
  const { input_tokens_details, output_tokens_details } = fieldsOf(usage);
  return {
    input: numberIn(usage, "input_tokens") ?? numberIn(usage, "prompt_tokens"),
    output: numberIn(usage, "output_tokens") ?? numberIn(usage, "completion_tokens"),
    total: numberIn(usage, "total_tokens"),
    cached: numberIn(input_tokens_details, "cached_tokens"),
    reasoning: numberIn(output_tokens_details, "reasoning_tokens"),
  };
}
