/**
 * An agent of the AI SDK 6, watched: the function that a program calls is wrapped once. `ai-6` is `ai` at version 6, which
 * these examples have beside version 7.
 */
import { EventBus } from "@locus/core";
import { locusWrap } from "@locus/core/bridges/ai-sdk-6";
import * as ai from "ai-6";
import { MockLanguageModelV3 } from "ai-6/test";

const bus = new EventBus();
const generateText = locusWrap(ai.generateText, { bus });

const tokens = { total: 4, noCache: 4, cacheRead: 0, cacheWrite: 0, text: 4, reasoning: 0 };
const { text } = await generateText({
  // In place of openai("gpt-5").
  model: new MockLanguageModelV3({
    modelId: "forecaster",
    doGenerate: () =>
      Promise.resolve({
        content: [{ type: "text", text: "It is clear in Oslo, 18 °C." }],
        finishReason: { unified: "stop", raw: "stop" },
        usage: { inputTokens: tokens, outputTokens: tokens },
        warnings: [],
      }),
  }),
  prompt: "What is the weather in Oslo?",
});
console.log(text);

const [used] = bus.history("agent.tokens.used");
console.log(used?.data.model, "took", used?.data.total_tokens, "tokens");
const [end] = bus.history("agent.terminate");
if (end?.data.final_message_preview !== text) {
  throw new Error("Expected the answer on the bus");
}
