/** A model as the agent calls it. */

import type {
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { ModelRequest } from "./request.ts";

/** A model as the agent calls it, whatever version of the interface it was made for. */
export interface ChatModel extends CallableModel {
  readonly modelId: string;
  /** Who runs it, such as `openai.chat`. */
  readonly provider: string;
}

export interface CallableModel {
  generate(request: ModelRequest): PromiseLike<LanguageModelV4GenerateResult>;
  /** Null if the model cannot stream. */
  readonly stream:
    | ((
      request: ModelRequest,
    ) => PromiseLike<{ stream: ReadableStream<LanguageModelV4StreamPart> }>)
    | null;
}

/** Token counts of a model call; 0 where the provider does not tell them apart. */
export interface TokenUsage {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
  readonly cacheCreation: number;
  readonly cacheRead: number;
  readonly reasoning: number;
}

/** Reads what the provider reports; null if it reports nothing. */
export function readUsage(usage: Partial<LanguageModelV4Usage> | undefined): TokenUsage | null {
  const { inputTokens: input, outputTokens: output } = usage ?? {};
  const prompt = count(input?.total);
  const completion = count(output?.total);
  if (prompt === undefined && completion === undefined) return null;
  return {
    prompt: prompt ?? 0,
    completion: completion ?? 0,
    total: (prompt ?? 0) + (completion ?? 0),
    cacheCreation: count(input?.cacheWrite) ?? 0,
    cacheRead: count(input?.cacheRead) ?? 0,
    reasoning: count(output?.reasoning) ?? 0,
  };
}

/** The usage as `model_complete` carries it: under both names that consumers look for. */
export function usageRecord(usage: TokenUsage | null): Record<string, number> {
  if (usage === null) return {};
  return {
    input_tokens: usage.prompt,
    output_tokens: usage.completion,
    prompt_tokens: usage.prompt,
    completion_tokens: usage.completion,
    total_tokens: usage.total,
  };
}

// Providers that compute with missing fields report NaN, or less than nothing.
function count(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? Math.max(0, value!) : undefined;
}
