/**
 * Agents of the [AI SDK](https://ai-sdk.dev), version 7, as runs of Locus: register {@linkcode locusTelemetry} once, and every
 * `generateText()`, `streamText()` and `ToolLoopAgent` is watched, with its model calls, tokens, retries and tools, also
 * where one agent calls another.
 *
 * @example Watch a program that you already have
 * ```ts
 * import { generateText, registerTelemetry } from "ai";
 * import { MockLanguageModelV4 } from "ai/test";
 * import { EventBus } from "@locus/core";
 * import { locusTelemetry } from "@locus/core/bridges/ai-sdk";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * registerTelemetry(locusTelemetry({ bus }));
 *
 * // What is below is the program as it was.
 * const count = { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0, text: 3, reasoning: 0 };
 * const model = new MockLanguageModelV4({
 *   doGenerate: async () => ({
 *     content: [{ type: "text", text: "Good morning." }],
 *     finishReason: { unified: "stop", raw: "stop" },
 *     usage: { inputTokens: count, outputTokens: count },
 *     warnings: [],
 *   }),
 * });
 * await generateText({ model, prompt: "Greet me." });
 *
 * const [end] = bus.history("agent.terminate");
 * assertEquals(end?.data.final_message_preview, "Good morning.");
 * ```
 *
 * @module
 */
export { type AiSdkTelemetry, locusTelemetry } from "./ai_sdk/telemetry.ts";
export type { CallEvent } from "./ai_sdk/hooks.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
