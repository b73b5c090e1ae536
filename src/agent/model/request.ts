/** What the agent asks of a model: the part of the AI SDK's call options that it uses. */

import type {
  JSONSchema7,
  LanguageModelV4CustomPart,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4ReasoningFilePart,
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { type Message, repairOrphans } from "../messages.ts";
import type { Tool } from "../tools/tool.ts";

/** One model call. */
export interface ModelRequest {
  prompt: PromptMessage[];
  tools?: LanguageModelV4FunctionTool[];
  temperature: number;
  maxOutputTokens: number;
  abortSignal: AbortSignal;
  responseFormat?: ResponseFormat;
  providerOptions?: SharedV4ProviderOptions;
}

/** Holds an answer to a schema, where the provider can. */
export interface ResponseFormat {
  type: "json";
  schema: JSONSchema7;
  name: string;
}

/** A message as the model reads it. */
export type PromptMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: LanguageModelV4TextPart[] }
  | { role: "assistant"; content: AssistantPart[] }
  | { role: "tool"; content: ToolResultPart[] };

/** A part of an answer as it is handed back to the model that gave it. */
export type AssistantPart =
  | LanguageModelV4TextPart
  | LanguageModelV4ReasoningPart
  | LanguageModelV4ToolCallPart
  | ToolResultPart
  | LanguageModelV4CustomPart
  | LanguageModelV4ReasoningFilePart
  | (LanguageModelV4FilePart & Pick<LanguageModelV4ReasoningFilePart, "data">);

/** What a tool returned. */
export interface ToolResultPart extends LanguageModelV4ToolResultPart {
  output: Exclude<LanguageModelV4ToolResultOutput, { type: "content" }>;
}

/**
 * The conversation as a model reads it.
 *
 * A system message after the first turn goes as the user's: several providers refuse it there, or
 * take it only behind a switch of their own.
 */
export function toPrompt(messages: readonly Message[]): PromptMessage[] {
  const prompt: PromptMessage[] = [];
  for (const message of repairOrphans(messages)) {
    const last = prompt.at(-1);
    const text = message.content ?? "";
    switch (message.role) {
      case "system":
        if (last === undefined || last.role === "system") {
          prompt.push({ role: "system", content: text });
          break;
        }
        // falls through
      case "user":
        if (last?.role === "user") last.content.push({ type: "text", text });
        else prompt.push({ role: "user", content: [{ type: "text", text }] });
        break;
      case "assistant": {
        const content = assistantParts(message);
        // An answer of nothing at all: providers refuse an empty message.
        if (content.length > 0) prompt.push({ role: "assistant", content });
        break;
      }
      case "tool":
        if (last?.role === "tool") last.content.push(toolResultPart(message));
        else prompt.push({ role: "tool", content: [toolResultPart(message)] });
    }
  }
  // In explicit mode an answer is not the end. Left last, it would be taken as the beginning of the
  // next one, and some models refuse that.
  if (prompt.at(-1)?.role === "assistant") {
    prompt.push({ role: "user", content: [{ type: "text", text: "Continue." }] });
  }
  return prompt;
}

/**
 * The conversation with the tool calls told as text, for a call that offers no tools: some providers
 * refuse tool calls in the conversation when there are no tools to call.
 */
export function toPromptWithoutTools(messages: readonly Message[]): PromptMessage[] {
  return toPrompt(
    repairOrphans(messages).flatMap((message): Message[] => {
      if (message.role === "tool") {
        const content = `[${message.name} returned]\n${message.content ?? ""}`;
        return [{ ...message, role: "user", content }];
      }
      if (message.tool_calls.length === 0) return [message];
      const calls = message.tool_calls.map((call) =>
        `[called ${call.name} with ${JSON.stringify(call.arguments)}]`
      );
      const content = [message.content, ...calls].filter((line) => line).join("\n");
      return [{ ...message, content, tool_calls: [], metadata: {} }];
    }),
  );
}

/** The tools as the model sees them; undefined if there are none. */
export function toFunctionTools(tools: Iterable<Tool>): LanguageModelV4FunctionTool[] | undefined {
  const list = Array.from(tools, ({ name, description, parameters }) => ({
    type: "function" as const,
    name,
    description,
    inputSchema: parameters as JSONSchema7,
  }));
  return list.length > 0 ? list : undefined;
}

function assistantParts(message: Message): AssistantPart[] {
  // Written by the response that this message was made from.
  const parts = message.metadata.parts as readonly AssistantPart[] | undefined;
  if (parts !== undefined) return [...parts];
  const content: AssistantPart[] = [];
  if (message.content) content.push({ type: "text", text: message.content });
  for (const { id, name, arguments: input } of message.tool_calls) {
    content.push({ type: "tool-call", toolCallId: id, toolName: name, input });
  }
  return content;
}

function toolResultPart(message: Message): ToolResultPart {
  return {
    type: "tool-result",
    toolCallId: message.tool_call_id ?? "",
    toolName: message.name ?? "",
    output: {
      type: message.metadata.is_error === true ? "error-text" : "text",
      value: message.content ?? "",
    },
  };
}
