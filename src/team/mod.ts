/**
 * Agents that work for each other: specialists, orchestrators, handoffs, swarms.
 *
 * - {@linkcode specialist}: an agent that is good at one thing; call it, or give it to an agent as a tool.
 * - {@linkcode orchestrator}: chooses specialists for a task, has them work side by side, and sums up.
 * - {@linkcode handoffs}: agents that hand a conversation from one to another.
 * - {@linkcode swarm}: agents that take tasks from one list, and tell each other what they find.
 *
 * Inside of a run everybody's work is on the bus, live and in one tree, however deep: each text is published once, by the
 * agent that says it.
 *
 * @example A team of two
 * ```ts
 * import { orchestrator, specialist } from "@locus/core/team";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const team = orchestrator({
 *   specialists: [
 *     specialist({ id: "logs", name: "Logs", model: scriptedModel(["The disk is full."]) }),
 *     specialist({ id: "metrics", name: "Metrics", model: scriptedModel(["Writes fail since noon."]) }),
 *   ],
 * });
 * const { summary } = await team.execute("Why did the shop stop?");
 * assertEquals(summary, "## Logs\n\nThe disk is full.\n\n## Metrics\n\nWrites fail since noon.");
 * ```
 *
 * @module
 */

export {
  createCodeAnalyst,
  createLogAnalyst,
  createMetricsAnalyst,
  createTraceAnalyst,
} from "./analysts.ts";
export type { AnalystOptions } from "./analysts.ts";
export type { Carry } from "./carry.ts";
export type { HandoffResult } from "./handoff.ts";
export type { HandoffReason } from "./handoff_tool.ts";
export { type Handoffs, handoffs } from "./handoffs.ts";
export type {
  HandoffAgentOptions,
  HandoffOptions,
  HandoffsOptions,
  HandoffsResult,
  HandoffsRunOptions,
} from "./handoffs_options.ts";
export type { TeamLimits } from "./limits.ts";
export type { MemberOptions } from "./member.ts";
export { orchestrator } from "./orchestrator.ts";
export type {
  Orchestrator,
  OrchestratorOptions,
  OrchestratorResult,
  OrchestratorRunOptions,
} from "./orchestrator.ts";
export type { OrchestratorDecision } from "./orchestration.ts";
export type { Playbook, PlaybookStep } from "./playbook.ts";
export type { TeamRunOptions, ThreadRunOptions } from "./run_options.ts";
export { specialist } from "./specialist.ts";
export type { Specialist, SpecialistOptions, SpecialistRunOptions } from "./specialist.ts";
export type { TeamToolOptions } from "./specialist_tool.ts";
export type { SpecialistResult } from "./specialist_work.ts";
export { swarm } from "./swarm.ts";
export type {
  Swarm,
  SwarmAgentOptions,
  SwarmOptions,
  SwarmResult,
  SwarmRunOptions,
} from "./swarm.ts";
export type { SwarmTask, SwarmTaskOptions } from "./swarm_task.ts";
