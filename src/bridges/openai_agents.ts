/**
 * Agents of the [OpenAI Agents SDK](https://openai.github.io/openai-agents-js/) as runs of Locus: add {@linkcode locusTraceProcessor} once, and
 * every `run()` is watched, with its agents, handoffs, model calls, tokens, tools, guardrails and approvals.
 * {@linkcode locusModels} adds the text as it streams.
 *
 * @example Watch a program that you already have
 * ```ts ignore
 * import { Agent, addTraceProcessor, OpenAIProvider, Runner } from "@openai/agents";
 * import { locusModels, locusTraceProcessor } from "@locus/core/bridges/openai-agents";
 *
 * addTraceProcessor(locusTraceProcessor());
 *
 * const runner = new Runner({ modelProvider: locusModels(new OpenAIProvider()) });
 * await runner.run(new Agent({ name: "greeter", instructions: "Be brief." }), "Greet me.");
 * ```
 *
 * @module
 */
export { type AgentsTraceProcessor, locusTraceProcessor } from "./openai_agents/processor.ts";
export { locusModels } from "./openai_agents/models.ts";
export type { AgentsModel, AgentsModelProvider, AgentsSpan } from "./openai_agents/spans.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
