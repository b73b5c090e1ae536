/** A language model that says what is written down for it. */

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { checkOptions, describe } from "../core/options.ts";
import { abortable } from "../core/waits.ts";
import { isError } from "../runtime/realm.ts";
import { type Answer, toAnswer, type Turn } from "./turn.ts";

/** Made by {@linkcode scriptedModel}. */
export interface ScriptedModel extends LanguageModelV4 {
  /** What the model was asked, call by call. */
  readonly calls: readonly LanguageModelV4CallOptions[];
}

/** Options of {@linkcode scriptedModel}. */
export interface ScriptedModelOptions {
  /** Who runs the model. @default {"scripted"} */
  provider?: string;
  /** The model's own name. @default {"scripted"} */
  modelId?: string;
}

/**
 * Makes a language model that gives one of these turns for each call, streamed or not.
 *
 * - **One function** in place of the turns answers all calls: `scriptedModel(({ prompt }) => …)`.
 * - **A call more than there are turns** is rejected, so that a test does not pass by accident.
 * - **Errors:** `new Error("overloaded")` as a turn rejects the call, `{ text: ["Half an "], error }` breaks in the
 *   middle of an answer.
 * - **Aborted** calls and streams reject with the signal's reason, also while a function decides.
 *
 * @throws {TypeError} If there are neither turns nor a function. A turn that is wrong is reported when its call comes.
 *
 * @example What a turn can say
 * ```ts
 * import { scriptedModel } from "@locus/core/testing";
 * import { generateText } from "ai";
 * import { assertEquals } from "@std/assert";
 *
 * const model = scriptedModel([
 *   {
 *     reasoning: "They want a greeting.",
 *     text: ["Hel", "lo"], // streams in these pieces
 *     finishReason: "length",
 *     usage: { inputTokens: 100, outputTokens: 20, reasoningTokens: 15 },
 *   },
 *   new Error("overloaded"),
 *   ({ prompt }) => `There are ${prompt.length} messages.`,
 * ]);
 *
 * const { text, reasoningText, finishReason } = await generateText({ model, prompt: "Greet me." });
 * assertEquals([text, reasoningText, finishReason], ["Hello", "They want a greeting.", "length"]);
 * ```
 */
export function scriptedModel(
  turns: readonly Turn[] | Extract<Turn, (...args: never[]) => unknown>,
  options: ScriptedModelOptions = {},
): ScriptedModel {
  checkOptions("scriptedModel()", options, ["provider", "modelId"]);
  if (!Array.isArray(turns) && typeof turns !== "function") {
    throw new TypeError(
      `scriptedModel(): expected an array of turns, or a function, got ${describe(turns)}`,
    );
  }
  const { provider = "scripted", modelId = "scripted" } = options;
  const calls: LanguageModelV4CallOptions[] = [];

  async function answer(call: LanguageModelV4CallOptions): Promise<Answer> {
    call.abortSignal?.throwIfAborted();
    const index = calls.push(call) - 1;
    if (typeof turns !== "function" && index >= turns.length) {
      throw new RangeError(
        `scriptedModel(): call ${index + 1} came, but there are only ${turns.length} turns`,
      );
    }
    let turn: Turn = typeof turns === "function" ? turns : turns[index]!;
    while (typeof turn === "function") {
      const decided = Promise.resolve(turn(call, index));
      turn = await (call.abortSignal ? abortable(decided, call.abortSignal) : decided);
    }
    if (isError(turn)) throw turn;
    return toAnswer(turn, index);
  }

  return {
    specificationVersion: "v4",
    provider,
    modelId,
    supportedUrls: {},
    calls,
    async doGenerate(call): Promise<LanguageModelV4GenerateResult> {
      const { content, finishReason, usage, error } = await answer(call);
      if (error !== undefined) throw error;
      return { content, finishReason, usage, warnings: [] };
    },
    async doStream(call) {
      return { stream: toStream(await answer(call), call.abortSignal) };
    },
  };
}

/** One part for each read. */
function toStream(
  { parts, finishReason, usage, error }: Answer,
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  const last: LanguageModelV4StreamPart = error === undefined
    ? { type: "finish", finishReason, usage }
    : { type: "error", error };
  const rest: LanguageModelV4StreamPart[] = [
    { type: "stream-start", warnings: [] },
    ...parts,
    last,
  ];
  return new ReadableStream({
    pull(controller) {
      signal?.throwIfAborted();
      const part = rest.shift();
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
  }, { highWaterMark: 0 });
}
