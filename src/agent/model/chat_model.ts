/** A model as the agent calls it. */

import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { ModelRequest } from "./request.ts";

/** A model as the agent calls it, whatever version of the interface it was made for. */
export interface ChatModel extends CallableModel {
  /** The model's own name, such as `gpt-5`. */
  readonly modelId: string;
  /** Who runs it, such as `openai.chat`. */
  readonly provider: string;
}

/** How a model is called. */
export interface CallableModel {
  generate(request: ModelRequest): PromiseLike<LanguageModelV4GenerateResult>;
  /** Null if the model cannot stream. */
  readonly stream:
    | ((
      request: ModelRequest,
    ) => PromiseLike<{ stream: ReadableStream<LanguageModelV4StreamPart> }>)
    | null;
}
