/**
 * Research: search for evidence, write a summary, check each claim of it against what was found, and search again where nothing
 * supports it. Every claim of the answer names the sentences that it stands on.
 *
 * @example A question, answered from two sources
 * ```ts
 * import { tool } from "@locus/core/agent";
 * import { createResearchWorkflow, runResearch } from "@locus/core/research";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const search = tool<{ query: string }>({
 *   name: "search",
 *   parameters: { type: "object", properties: { query: { type: "string" } } },
 *   execute: ({ query }) => `About ${query}: a gap says which events were lost.`,
 * });
 * // In place of openai("gpt-5") and the like.
 * const model = scriptedModel([
 *   { toolCalls: [{ toolName: "search", input: { query: "gaps" } }] },
 *   "Gaps name what was lost.",
 *   "A gap says which events were lost.",
 *   "CLAIM 1: 1.0 - it is there word for word",
 * ]);
 * const workflow = createResearchWorkflow({ model, tools: [search], causalInference: false });
 *
 * const { stop_reason, citations, facts } = await runResearch(workflow, "What is a gap?");
 * assertEquals(stop_reason, "grounded");
 * const [source] = citations[0]!.sources;
 * assertEquals(facts[0]!.text.slice(source!.start, source!.end), "About gaps: a gap says which events were lost.");
 * ```
 *
 * @module
 */

export { createResearchWorkflow, type ResearchWorkflow } from "./workflow.ts";
export type { ResearchOptions } from "./options.ts";
export { recoverResearch, resumeResearch, runResearch } from "./run_research.ts";
export type { ResearchResult, ResearchRunOptions, ResearchThreadOptions } from "./run_research.ts";
export type {
  ResearchCitation,
  ResearchFact,
  ResearchSource,
  ResearchState,
  ResearchStopReason,
} from "./state.ts";
