/** What the agent asks of a model: the part of the AI SDK's call options that it uses. */

import type {
  JSONSchema7,
  LanguageModelV4CustomPart,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
  LanguageModelV4ReasoningFilePart,
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolApprovalResponsePart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { isForeign, isHeldElsewhere, toOwnParts } from "./foreign_parts.ts";
import { type FileContent, labelOf, splitContent } from "../state/files.ts";
import {
  APPROVED,
  completeCalls,
  filesOf,
  isApproval,
  type Message,
  type ToolCall,
} from "../state/messages.ts";
import type { Tool } from "../tools/tool.ts";

/** Options of providers, by the provider's name; JSON. */
export type ProviderOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ModelRequest {
  prompt: PromptMessage[];
  tools?: ModelTool[];
  temperature?: number;
  maxOutputTokens?: number;
  abortSignal: AbortSignal;
  responseFormat?: ResponseFormat;
  providerOptions?: SharedV4ProviderOptions;
}

/** A tool as the model sees it: one of ours, or one of the provider's own. */
export type ModelTool = LanguageModelV4FunctionTool | LanguageModelV4ProviderTool;

/** What an agent's options say of every call; only what was given is there, as some models refuse the rest. */
export type CallSettings = Pick<
  ModelRequest,
  "temperature" | "maxOutputTokens" | "providerOptions"
>;

/** Holds an answer to a schema, where the provider can. */
export interface ResponseFormat {
  type: "json";
  schema: JSONSchema7;
  name: string;
  /** Whether to ask for exactly the properties that the schema names. @default {false} */
  strict?: boolean;
}

export type PromptMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: UserPart[] }
  | { role: "assistant"; content: AssistantPart[] }
  | { role: "tool"; content: (ToolResultPart | LanguageModelV4ToolApprovalResponsePart)[] };

export type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** A part of an answer as it is handed back to the model that gave it. */
export type AssistantPart =
  | LanguageModelV4TextPart
  | LanguageModelV4ReasoningPart
  | LanguageModelV4ToolCallPart
  | LanguageModelV4ToolResultPart
  | LanguageModelV4CustomPart
  | LanguageModelV4ReasoningFilePart
  | (LanguageModelV4FilePart & Pick<LanguageModelV4ReasoningFilePart, "data">);

export type ToolResultPart = LanguageModelV4ToolResultPart;

/**
 * The conversation as a model reads it.
 *
 * A system message after the first turn goes as the user's: several providers refuse it there, or
 * take it only behind a switch of their own.
 *
 * @param provider Who reads it: of what another one answered, only what everybody knows is sent.
 */
export function toPrompt(messages: readonly Message[], provider?: string): PromptMessage[] {
  const prompt: PromptMessage[] = [];
  const ids = new CallIds(provider);
  let isOthers = false;
  for (const message of completeCalls(messages)) {
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
        if (last?.role === "user") last.content.push(...contentOf(message, provider));
        else prompt.push({ role: "user", content: contentOf(message, provider) });
        break;
      case "assistant": {
        isOthers = isForeign(message, provider);
        const parts = assistantParts(message);
        const content = ids.renew((isOthers ? toOwnParts(parts) : parts).filter(isSaid));
        // An answer of nothing at all: providers refuse an empty message.
        if (content.length > 0) prompt.push({ role: "assistant", content });
        break;
      }
      case "tool": {
        // The other provider asked for that.
        if (isApproval(message) && isOthers) break;
        const part = isApproval(message)
          ? toApprovalResponse(message)
          : ids.match(toolResultPart(message, provider));
        if (last?.role === "tool") last.content.push(part);
        else prompt.push({ role: "tool", content: [part] });
      }
    }
  }
  // In explicit mode an answer is not the end. Left last, it would be taken as the beginning of the
  // next one, and some models refuse that.
  const isPaused = messages.at(-1)?.metadata.is_paused === true && !isOthers;
  if (prompt.at(-1)?.role === "assistant" && !isPaused) {
    prompt.push({ role: "user", content: [{ type: "text", text: "Continue." }] });
  }
  return prompt;
}

/**
 * The conversation with the tool calls as text, for a call that offers no tools: some providers
 * refuse tool calls in the conversation when there are no tools to call.
 */
export function toPromptWithoutTools(
  messages: readonly Message[],
  provider?: string,
): PromptMessage[] {
  return toPrompt(
    completeCalls(messages).flatMap((message): Message[] => {
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
    provider,
  );
}

export function toModelTools(tools: Iterable<Tool>): ModelTool[] {
  const shown = [...tools].filter((tool) => !isApproval(tool));
  return shown.map(({ name, description, parameters, provider }) =>
    provider !== undefined
      ? { type: "provider", id: provider.id as `${string}.${string}`, name, args: provider.args }
      : { type: "function", name, description, inputSchema: parameters as JSONSchema7 }
  );
}

/**
 * Some servers number the calls of each answer anew, and some providers refuse the same id twice in a conversation, or one with
 * other characters than their own have.
 */
class CallIds {
  readonly #isStrict: boolean;
  readonly #used = new Set<string>();
  /** What the ids of the latest answer became. */
  readonly #renewed = new Map<string, string>();

  constructor(provider = "") {
    this.#isStrict = /anthropic|bedrock/.test(provider);
  }

  renew(parts: readonly AssistantPart[]): AssistantPart[] {
    this.#renewed.clear();
    return parts.map((part) => {
      if (part.type !== "tool-call" || part.providerExecuted) return part;
      const { toolCallId } = part;
      const base = this.#isStrict ? toolCallId.replace(/[^A-Za-z0-9_-]/g, "_") : toolCallId;
      let id = base;
      for (let n = 2; this.#used.has(id); n++) id = `${base}_${n}`;
      this.#used.add(id);
      if (id === toolCallId) return part;
      this.#renewed.set(toolCallId, id);
      return { ...part, toolCallId: id };
    });
  }

  match(part: ToolResultPart): ToolResultPart {
    const toolCallId = this.#renewed.get(part.toolCallId);
    return toolCallId === undefined ? part : { ...part, toolCallId };
  }
}

/** Some providers refuse a text of nothing but line breaks, which models like to write before a call. */
function isSaid(part: AssistantPart): boolean {
  return part.type !== "text" || part.text.trim() !== "" || part.providerOptions !== undefined;
}

function assistantParts({ content, tool_calls, metadata }: Message): AssistantPart[] {
  // Written by the response that this message was made from.
  const parts = metadata.parts as readonly AssistantPart[] | undefined ?? null;
  // The address of a file is a text where messages are kept.
  return partsOfAnswer({ content, tool_calls, parts }).map((part) =>
    part.type === "file" ? toFilePart(part as FileContent) as AssistantPart : part
  );
}

/** What of an answer says how it is handed back. */
export interface AnswerParts {
  readonly content: string | null;
  readonly tool_calls: readonly ToolCall[];
  readonly parts: readonly AssistantPart[] | null;
}

export function partsOfAnswer({ content, tool_calls, parts }: AnswerParts): AssistantPart[] {
  if (parts !== null) return [...parts];
  const made: AssistantPart[] = [];
  if (content) made.push({ type: "text", text: content });
  for (const { id, name, arguments: input } of tool_calls) {
    if (isApproval({ name })) continue;
    made.push({ type: "tool-call", toolCallId: id, toolName: name, input });
  }
  return made;
}

function toolResultPart(message: Message, provider: string | undefined): ToolResultPart {
  const { tool_call_id, name, content, metadata } = message;
  return {
    type: "tool-result",
    toolCallId: tool_call_id ?? "",
    toolName: name ?? "",
    output: filesOf(message).length > 0
      ? { type: "content", value: contentOf(message, provider) }
      : {
        type: metadata.is_error === true ? "error-text" : "text",
        value: content ?? "",
      },
  };
}

function toApprovalResponse(
  { tool_call_id, content }: Message,
): LanguageModelV4ToolApprovalResponsePart {
  const approved = content === APPROVED;
  return {
    type: "tool-approval-response",
    approvalId: tool_call_id ?? "",
    approved,
    ...!approved && content && { reason: content },
  };
}

/** The text, with the files in the places of their labels. */
function contentOf(message: Message, provider: string | undefined): UserPart[] {
  return splitContent<UserPart>(
    { text: message.content ?? "", files: filesOf(message) },
    (text) => ({ type: "text", text }),
    (file) =>
      isHeldElsewhere(file, provider) ? { type: "text", text: labelOf(file) } : toFilePart(file),
  );
}

function toFilePart({ data, ...part }: FileContent): LanguageModelV4FilePart {
  const sent = data.type === "url" ? { ...data, url: new URL(data.url) } : data;
  return { ...part, data: sent } as LanguageModelV4FilePart;
}
