/** Which models the agent takes, and how each becomes the one kind that it talks to. */

import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import { describe } from "../../core/options.ts";
import type { Rule } from "../../core/option_rules.ts";
import { isRecord } from "../../core/json.ts";
import type { CallableModel, ChatModel } from "./chat_model.ts";
import { withAcceptedRequests } from "./accepted_requests.ts";
import { fromV3 } from "./v3.ts";

/**
 * A language model of the AI SDK: what a provider package makes, as in `openai("gpt-5")` or
 * `anthropic("claude-sonnet-4-5")`.
 */
export type LanguageModel = LanguageModelV4 | LanguageModelV3;

/**
 * The model behind `value`.
 *
 * @throws {TypeError} If `value` is not a language model of a version that the agent speaks.
 */
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
