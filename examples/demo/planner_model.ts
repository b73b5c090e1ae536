/**
 * The demo's model when there is no key for a real one: a program that looks like a language model
 * from outside and follows a few fixed plans inside. It streams its words, calls tools and answers
 * with what they returned; equal questions about equal files get equal answers.
 *
 * @module
 */
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { setTimeout as delay } from "node:timers/promises";
import { nextStep, type PlanStep, type ToolOutcome } from "./plans.ts";

/** Options of {@linkcode createPlannerModel}. */
export interface PlannerOptions {
  /** Pause before the first word of a turn, in milliseconds. @default {0} */
  thinkMs?: number;
  /** Pause after each word, in milliseconds. @default {0} */
  wordMs?: number;
}

/** A language model that is none. */
export function createPlannerModel(options: PlannerOptions = {}): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "locus-demo",
    modelId: "planner",
    supportedUrls: {},
    doGenerate(call) {
      const step = plan(call.prompt);
      return Promise.resolve({
        content: contentOf(step, call.prompt),
        finishReason: finishReasonOf(step),
        usage: usageOf(step, call.prompt),
        warnings: [],
      });
    },
    doStream(call) {
      return Promise.resolve({ stream: toStream(speak(plan(call.prompt), call, options)) });
    },
  };
}

/** What to do next, from what was asked and what the tools have returned since. */
function plan(prompt: LanguageModelV4Prompt): PlanStep {
  const start = prompt.findLastIndex((message) => message.role === "user");
  const asked = prompt[start];
  const question = asked?.role === "user"
    ? asked.content.map((part) => part.type === "text" ? part.text : "").join(" ")
    : "";
  const turns: ToolOutcome[][] = [];
  const outcomes = new Map<string, ToolOutcome>();
  for (const message of prompt.slice(start + 1)) {
    if (message.role !== "assistant" && message.role !== "tool") continue;
    if (message.role === "assistant") turns.push([]);
    for (const part of message.content) {
      if (part.type === "tool-call") {
        const input = part.input as Readonly<Record<string, unknown>>;
        const outcome: ToolOutcome = { tool: part.toolName, input, text: "", failed: true };
        turns.at(-1)?.push(outcome);
        outcomes.set(part.toolCallId, outcome);
      } else if (part.type === "tool-result") {
        const outcome = outcomes.get(part.toolCallId);
        const { output } = part;
        if (outcome === undefined || !("value" in output)) continue;
        outcome.text = typeof output.value === "string"
          ? output.value
          : JSON.stringify(output.value);
        outcome.failed = output.type.startsWith("error") || outcome.text.startsWith("Error: ");
      }
    }
  }
  return nextStep(question, turns.filter((turn) => turn.length > 0));
}

async function* speak(
  step: PlanStep,
  { prompt, abortSignal }: LanguageModelV4CallOptions,
  { thinkMs = 0, wordMs = 0 }: PlannerOptions,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const pause = (ms: number) => delay(ms, undefined, { signal: abortSignal });
  yield { type: "stream-start", warnings: [] };
  await pause(thinkMs);
  yield { type: "text-start", id: "0" };
  for (const delta of step.say.match(/\s*\S+/g) ?? []) {
    yield { type: "text-delta", id: "0", delta };
    await pause(wordMs);
  }
  yield { type: "text-end", id: "0" };
  for (const call of callsOf(step, prompt)) yield call;
  yield { type: "finish", finishReason: finishReasonOf(step), usage: usageOf(step, prompt) };
}

function contentOf(step: PlanStep, prompt: LanguageModelV4Prompt): LanguageModelV4Content[] {
  return [{ type: "text", text: step.say }, ...callsOf(step, prompt)];
}

function callsOf(step: PlanStep, prompt: LanguageModelV4Prompt) {
  return step.calls.map(({ tool, input }, index) => ({
    type: "tool-call" as const,
    toolCallId: `call_${prompt.length}_${index}`,
    toolName: tool,
    input: JSON.stringify(input),
  }));
}

function finishReasonOf({ calls }: PlanStep): LanguageModelV4FinishReason {
  return calls.length > 0
    ? { unified: "tool-calls", raw: "tool-calls" }
    : { unified: "stop", raw: "stop" };
}

/** A token is taken to be four characters: there is nothing to measure. */
function usageOf(step: PlanStep, prompt: LanguageModelV4Prompt): LanguageModelV4Usage {
  const input = Math.ceil(JSON.stringify(prompt).length / 4);
  const output = Math.ceil((step.say.length + JSON.stringify(step.calls).length) / 4);
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  };
}

function toStream<T>(values: AsyncGenerator<T>): ReadableStream<T> {
  return new ReadableStream<T>({
    async pull(controller) {
      const { value, done } = await values.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await values.return(undefined);
    },
  }, { highWaterMark: 0 });
}
