/**
 * Test agents without a model: {@linkcode scriptedModel} says what you have written down for it.
 *
 * It is a language model of the AI SDK, so it goes wherever one does: into an `Agent`, into `generateText()` and
 * `streamText()`, and into everything that takes an agent.
 *
 * @example Test a tool with its agent
 * ```ts
 * import { Agent, tool } from "@locus/core/agent";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const weather = tool({
 *   name: "weather",
 *   parameters: z.object({ city: z.string() }),
 *   execute: ({ city }) => `Sunny in ${city}`,
 * });
 * const model = scriptedModel([
 *   { toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
 *   "Yes, it is sunny.",
 * ]);
 *
 * const result = await new Agent({ model, tools: [weather] }).invoke("Should I cycle in Oslo?");
 * assertEquals(result.message, "Yes, it is sunny.");
 * assertEquals(result.tool_executions[0]?.result, "Sunny in Oslo");
 * // What the model was asked, call by call.
 * assertEquals(model.calls[1]?.prompt.at(-1)?.role, "tool");
 * ```
 *
 * @module
 */

export { type ScriptedModel, scriptedModel, type ScriptedModelOptions } from "./scripted_model.ts";
export type { ScriptedToolCall, ScriptedTurn, ScriptedUsage, Turn } from "./turn.ts";
