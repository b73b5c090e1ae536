/**
 * A `LanguageModelV3` behind the agent's view of a model. To an agent the versions differ in how they
 * write the data of a file, and in two kinds of parts that version 3 does not know.
 */

import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import type { ChatModel } from "./language_model.ts";
import type { AssistantPart, ModelRequest, PromptMessage } from "./request.ts";

/** Wraps a version 3 model. */
export function fromV3(model: LanguageModelV3): ChatModel {
  return {
    async generate(request) {
      const result = await model.doGenerate(toV3Request(request));
      return { ...result, content: result.content.map(toV4Content) };
    },
    stream: typeof model.doStream !== "function" ? null : async (request) => {
      const { stream } = await model.doStream(toV3Request(request));
      const converter = new TransformStream<LanguageModelV3StreamPart, LanguageModelV4StreamPart>({
        transform(part, controller) {
          controller.enqueue(part.type === "file" ? toV4Content(part) : part);
        },
      });
      return { stream: stream.pipeThrough(converter) };
    },
  };
}

function toV3Request(request: ModelRequest): LanguageModelV3CallOptions {
  return { ...request, prompt: request.prompt.map(toV3Message) };
}

function toV3Message(message: PromptMessage): LanguageModelV3Message {
  if (message.role !== "assistant") return message;
  return { role: "assistant", content: message.content.flatMap(toV3Part) };
}

type V3AssistantPart = Extract<LanguageModelV3Message, { role: "assistant" }>["content"][number];

function toV3Part(part: AssistantPart): V3AssistantPart[] {
  switch (part.type) {
    case "custom":
    case "reasoning-file":
      return [];
    case "file":
      return [{ ...part, data: part.data.type === "url" ? part.data.url : part.data.data }];
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
