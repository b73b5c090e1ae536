/** Which models the agent takes, and how each becomes the one kind that it talks to. */

import type {
  LanguageModelV3,
  LanguageModelV4,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { describe } from "../../core/options.ts";
import { isRecord } from "../json.ts";
import type { ModelRequest } from "./request.ts";
import { fromV3 } from "./v3.ts";

/**
 * A language model of the AI SDK: what a provider package makes, as in `openai("gpt-5")` or
 * `anthropic("claude-sonnet-4-5")`.
 */
export type LanguageModel = LanguageModelV4 | LanguageModelV3;

/** A model as the agent calls it, whatever version of the interface it was made for. */
export interface ChatModel {
  generate(request: ModelRequest): PromiseLike<LanguageModelV4GenerateResult>;
  /** Null if the model cannot stream. */
  readonly stream:
    | ((
      request: ModelRequest,
    ) => PromiseLike<{ stream: ReadableStream<LanguageModelV4StreamPart> }>)
    | null;
}

/**
 * The model behind `value`.
 *
 * @throws {TypeError} If `value` is no language model of a version that the agent speaks.
 */
export function asChatModel(option: string, value: unknown): ChatModel {
  if (!isLanguageModel(value)) {
    throw new TypeError(
      `Agent: "${option}" must be a language model of the AI SDK with specificationVersion "v4" or ` +
        `"v3", as in openai("gpt-5") from "@ai-sdk/openai", got ${describeModel(value)}`,
    );
  }
  return value.specificationVersion === "v4" ? fromV4(value) : fromV3(value);
}

function fromV4(model: LanguageModelV4): ChatModel {
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
