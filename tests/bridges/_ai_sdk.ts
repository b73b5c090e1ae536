/**
 * The real AI SDK with its own mock model, for the tests of its bridge.
 *
 * @module
 */
import { APICallError, isStepCount, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import type { LanguageModelV4Content, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { z } from "zod";

(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

/** One answer of a model: its parts, or an error to fail with. A function among the parts is called on the way. */
export type Turn = readonly (LanguageModelV4StreamPart | (() => void))[] | Error;

const tokens = { total: 5, noCache: 3, cacheRead: 2, cacheWrite: 0, text: 4, reasoning: 1 };

/** The end of an answer. */
export function finish(unified: "stop" | "tool-calls" | "length" | "error"): Turn[0 & keyof Turn] {
  return {
    type: "finish",
    finishReason: { unified, raw: `raw-${unified}` },
    usage: { inputTokens: tokens, outputTokens: tokens },
  } as never;
}

/** A text, word by word. */
export function text(words: string): Turn {
  const deltas = words.split(/(?<= )/).map((delta) => ({ type: "text-delta", id: "0", delta }));
  return [
    { type: "text-start", id: "0" },
    ...deltas,
    { type: "text-end", id: "0" },
    finish("stop"),
  ] as Turn;
}

/** Calls of tools. */
export function calls(...list: [id: string, toolName: string, input: object][]): Turn {
  const parts = list.flatMap(([id, toolName, input]) => [
    { type: "tool-input-start", id, toolName },
    { type: "tool-input-delta", id, delta: JSON.stringify(input) },
    { type: "tool-input-end", id },
    { type: "tool-call", toolCallId: id, toolName, input: JSON.stringify(input) },
  ]);
  return [...parts, finish("tool-calls")] as Turn;
}

/** An error of a provider. */
export function providerError(statusCode: number, isRetryable = false): APICallError {
  return new APICallError({
    message: `status ${statusCode}`,
    url: "http://localhost",
    requestBodyValues: {},
    statusCode,
    isRetryable,
    responseHeaders: { "retry-after-ms": "1" },
  });
}

/** A model that answers turn by turn; the last one again and again. */
export function modelOf(
  turns: readonly Turn[],
  modelId = "mock",
  Model: typeof MockLanguageModelV4 = MockLanguageModelV4,
): MockLanguageModelV4 {
  let asked = 0;
  const next = () => {
    const turn = turns[Math.min(asked++, turns.length - 1)]!;
    if (turn instanceof Error) throw turn;
    return turn;
  };
  return new Model({
    modelId,
    doStream: () => Promise.resolve().then(() => ({ stream: streamOf(next()) })),
    doGenerate: () => Promise.resolve().then(() => wholeOf(next())),
  });
}

function streamOf(turn: Exclude<Turn, Error>): ReadableStream<LanguageModelV4StreamPart> {
  const parts = turn.values();
  return new ReadableStream({
    pull(controller) {
      for (;;) {
        const { done, value } = parts.next();
        if (done) return controller.close();
        if (typeof value !== "function") return controller.enqueue(value);
        value();
      }
    },
  }, { highWaterMark: 0 });
}

function wholeOf(turn: Exclude<Turn, Error>) {
  const parts = turn.filter((part) => typeof part !== "function");
  const text = parts.map((part) => part.type === "text-delta" ? part.delta : "").join("");
  const content: LanguageModelV4Content[] = parts.filter((part) => part.type === "tool-call");
  if (text !== "") content.push({ type: "text", text });
  const end = parts.find((part) => part.type === "finish")!;
  return { content, finishReason: end.finishReason, usage: end.usage, warnings: [] };
}

/** The tools of the scenarios. */
export const weather = tool({
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => Promise.resolve(`${city} 18`),
});
/** One that fails. */
export const broken = tool({
  inputSchema: z.object({}),
  execute: (): string => {
    throw new TypeError("tool broke");
  },
});
/** Ends a loop of turns that would not end. */
export const fiveTurns = isStepCount(5);
