/** Which models the agent takes, and how each becomes the one kind that it talks to. */

import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3ToolResultPart,
  LanguageModelV4,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { describe, isRecord } from "../../core/options.ts";
import type { Rule } from "../../core/option_rules.ts";
import type { CallableModel, ChatModel } from "./chat_model.ts";
import { withAcceptedRequests } from "./accepted_requests.ts";
import type {
  AssistantPart,
  ModelRequest,
  PromptMessage,
  ToolResultPart,
  UserPart,
} from "./request.ts";

/**
 * A language model of the AI SDK: what a provider package makes, as in `openai("gpt-5")` or
 * `anthropic("claude-sonnet-4-5")`.
 */
export type LanguageModel = LanguageModelV4 | LanguageModelV3;

/** The model behind `value`. @throws {TypeError} If `value` is not a language model of a version that the agent speaks. */
export function asChatModel(option: string, value: unknown): ChatModel {
  if (!isLanguageModel(value)) {
    throw new TypeError(
      `Agent: "${option}" must be a language model of the AI SDK with specificationVersion "v4" or ` +
        `"v3", as in openai("gpt-5") from "@ai-sdk/openai", got ${describeModel(value)}`,
    );
  }
  // Models of somebody's own making may have no names.
  const { modelId = "model", provider = "unknown" } = value;
  const callable = value.specificationVersion === "v4" ? fromV4(value) : fromV3(value);
  return withAcceptedRequests({
    modelId: String(modelId),
    provider: String(provider),
    ...callable,
  });
}

/** A model as an option. @param path Of the object that holds the option, such as `grounding.` */
export function chatModel(path = ""): Rule<ChatModel> {
  return (_, name, value) => asChatModel(path + name, value);
}

function fromV4(model: LanguageModelV4): CallableModel {
  return {
    generate: (request) => model.doGenerate(request),
    stream: typeof model.doStream === "function" ? (request) => model.doStream(request) : null,
  };
}

function isLanguageModel(value: unknown): value is LanguageModel {
  return isRecord(value) && typeof value.doGenerate === "function" &&
    (value.specificationVersion === "v4" || value.specificationVersion === "v3");
}

function describeModel(value: unknown): string {
  return isRecord(value) && "specificationVersion" in value
    ? `a model with specificationVersion ${describe(value.specificationVersion)}`
    : describe(value);
}

export function fromV3(model: LanguageModelV3): CallableModel {
  return {
    async generate(request) {
      const result = await model.doGenerate(toV3Request(request));
      return { ...result, content: result.content.map(toV4Content) };
    },
    stream: typeof model.doStream !== "function" ? null : async (request) => {
      const { stream } = await model.doStream(toV3Request(request));
      return { stream: toV4Stream(stream) };
    },
  };
}

/** By a reader, as a stream of another realm takes no transformation of this one. */
function toV4Stream(
  stream: ReadableStream<LanguageModelV3StreamPart>,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value.type === "file" ? toV4Content(value) : value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function toV3Request(request: ModelRequest): LanguageModelV3CallOptions {
  return { ...request, prompt: request.prompt.map(toV3Message) };
}

function toV3Message(message: PromptMessage): LanguageModelV3Message {
  switch (message.role) {
    case "system":
      return message;
    case "user":
      return { role: "user", content: message.content.map(toV3UserPart) };
    case "assistant":
      return { role: "assistant", content: message.content.flatMap(toV3Part) };
    case "tool":
      return {
        role: "tool",
        content: message.content.map((part) =>
          part.type === "tool-result" ? toV3Result(part) : part
        ),
      };
  }
}

type V3UserPart = Extract<LanguageModelV3Message, { role: "user" }>["content"][number];

function toV3UserPart(part: UserPart): V3UserPart {
  if (part.type === "text") return part;
  const { data } = part;
  switch (data.type) {
    case "text":
      return { type: "text", text: data.text };
    case "reference":
      throw new TypeError("A model of version 3 takes no reference to a file");
    default:
      return { ...part, data: data.type === "url" ? data.url : data.data };
  }
}

function toV3Result({ output, ...part }: ToolResultPart): LanguageModelV3ToolResultPart {
  return { ...part, output: output.type === "content" ? toV3Content(output.value) : output };
}

function toV3Content(
  parts: Extract<ToolResultPart["output"], { type: "content" }>["value"],
): LanguageModelV3ToolResultOutput {
  return {
    type: "content",
    value: parts.map((part) => {
      if (part.type !== "file") return part;
      const { data, mediaType, filename } = part;
      if (data.type === "url") return { type: "file-url", url: data.url.href };
      if (data.type !== "data") {
        return { type: "text", text: "text" in data ? data.text : "[file]" };
      }
      const base64 = String(data.data);
      return mediaType.startsWith("image/")
        ? { type: "image-data", data: base64, mediaType }
        : { type: "file-data", data: base64, mediaType, ...filename && { filename } };
    }),
  };
}

type V3AssistantPart = Extract<LanguageModelV3Message, { role: "assistant" }>["content"][number];

function toV3Part(part: AssistantPart): V3AssistantPart[] {
  switch (part.type) {
    case "custom":
    case "reasoning-file":
      return [];
    case "file":
      return [{ ...part, data: part.data.type === "url" ? part.data.url : part.data.data }];
    case "tool-result":
      return [toV3Result(part)];
    default:
      return [part];
  }
}

type V4StreamContent = Extract<LanguageModelV4Content, LanguageModelV4StreamPart>;

function toV4Content(part: Extract<LanguageModelV3Content, { type: "file" }>): V4StreamContent;
function toV4Content(part: LanguageModelV3Content): LanguageModelV4Content;
function toV4Content(part: LanguageModelV3Content): LanguageModelV4Content {
  return part.type === "file" ? { ...part, data: { type: "data", data: part.data } } : part;
}
