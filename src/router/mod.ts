/**
 * Routers: a model says what a request asks for, and rules choose how it is answered.
 *
 * {@linkcode router} makes one of a model, of {@linkcode Capability | capabilities}, and of {@linkcode Protocol | protocols}: ways to answer,
 * from one agent ({@linkcode builtinProtocols}) to whatever you build. A policy says what may run, and what a person must approve. Each
 * step is on the bus, with the routes that were not taken.
 *
 * @example A desk that answers, and says why so
 * ```ts
 * import { router } from "@locus/core/router";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const frame = { primary_goal: "diagnose", domain: "shop", complexity: "high", risk: "medium" };
 * const desk = router({ extractor: () => frame, model: scriptedModel(["The disk is full."]) });
 *
 * const { protocol_id, reason, candidates } = await desk.explain("Why did the shop stop?");
 * assertEquals(protocol_id, "specialist_fanout");
 * assertEquals(reason, "rule_based: distance=0 canonical=true cost=high");
 * assertEquals(candidates.find(({ id }) => id === "debate")?.reason, "goal");
 *
 * assertEquals((await desk.dispatch("Why did the shop stop?")).text, "The disk is full.");
 * ```
 *
 * @module
 */

export { evaluateRouter } from "./evaluate.ts";
export type { JudgedCase, RouterCase, RouterEvaluation } from "./evaluate.ts";
export { byExamples, chain, type FrameExample } from "./extractors.ts";
export { builtinProtocols } from "./builtin_protocols.ts";
export { type Capability, CapabilityIndex } from "./capabilities.ts";
export { NoMatchingProtocolError, PolicyDeniedError } from "./errors.ts";
export { FrameExtractionError, type GoalFrame, goalFrameSchema } from "./frame.ts";
export type { PolicyOptions, PolicyVerdict } from "./policy.ts";
export type { Protocol, ProtocolKit } from "./protocol.ts";
export { router } from "./router.ts";
export type { RouterOptions } from "./parts.ts";
export type { PickerInput, SelectionMethod } from "./select.ts";
export type { RouterDecision } from "./state.ts";
export type {
  DispatchOptions,
  ExplainOptions,
  Router,
  RouterExplanation,
  RouterResult,
  RouterResumeOptions,
} from "./types.ts";
