import { dataOf, fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { ModelEndEvent, Part, Usage } from "../ai_sdk/hooks.ts";

/** What a model streams, put together. */
export class StreamedAnswer {
  readonly #calls: Part[] = [];
  #text = "";

  add(part: Part): void {
    if (part.type === "text-delta") this.#text += part.delta ?? "";
    else if (part.type === "tool-call") this.#calls.push(part);
  }

  /** The parts of the answer, in the shape that one has which does not stream. */
  get content(): readonly Part[] {
    const said = this.#text === "" ? [] : [{ type: "text", text: this.#text }];
    return [...said, ...this.#calls];
  }
}

/** How an answer ended, by the last part of a stream or a whole answer, as version 7 would have told it. */
export function endOf(callId: string, answer: unknown, content: unknown): ModelEndEvent {
  const { finishReason, usage, response } = fieldsOf(answer);
  return {
    callId,
    finishReason: typeof finishReason === "string" ? finishReason : textIn(finishReason, "unified"),
    usage: usageOf(usage),
    content: listOf(content).map(parsed),
    responseId: textIn(response, "id"),
  };
}

/** Tokens are nested as of `LanguageModelV3`; before, there was one number for each. */
function usageOf(usage: unknown): Usage {
  const { inputTokens, outputTokens } = fieldsOf(usage);
  return {
    inputTokens: numberIn(usage, "inputTokens") ?? numberIn(inputTokens, "total"),
    outputTokens: numberIn(usage, "outputTokens") ?? numberIn(outputTokens, "total"),
    totalTokens: numberIn(usage, "totalTokens"),
    inputTokenDetails: {
      cacheReadTokens: numberIn(inputTokens, "cacheRead") ?? numberIn(usage, "cachedInputTokens"),
      cacheWriteTokens: numberIn(inputTokens, "cacheWrite"),
    },
    outputTokenDetails: {
      reasoningTokens: numberIn(outputTokens, "reasoning") ?? numberIn(usage, "reasoningTokens"),
    },
  };
}

/** A part whose arguments are data, as the next prompt repeats it. */
function parsed(part: unknown): unknown {
  const { type, input } = fieldsOf(part);
  return type === "tool-call" ? { ...fieldsOf(part), input: dataOf(input) } : part;
}
