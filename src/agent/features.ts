/** What a run has beyond its loop: its features, and the tools that some of them bring. */

import { askUserTool, Completion, Planning, taskCompleteTool } from "./completion/completion.ts";
import type { AgentConfig } from "./config.ts";
import {
  ManagedConversation,
  READ_EARLIER,
  readEarlierTool,
} from "./conversation/managed_conversation.ts";
import { Hooks } from "./hooks/hooks_feature.ts";
import type { Feature } from "./loop/feature.ts";
import { OutputKey, StructuredOutput } from "./output/structured_answer.ts";
import { CausalTracing } from "./reasoning/causal/trace_causes.ts";
import { Grounding } from "./reasoning/grounding/grounding.ts";
import { Gsar } from "./reasoning/gsar/gsar.ts";
import { Reflexion } from "./reasoning/reflexion/reflexion.ts";
import { KnownOutcomes } from "./tool_results/known_outcomes.ts";
import { StoredResults } from "./tool_results/result_store.ts";
import { approvalTool } from "./tools/ai_tool.ts";
import type { Tool } from "./tools/tool.ts";

/** The features of one run, in the order in which they are asked. What is off is not made. */
export function createFeatures(
  config: AgentConfig,
  tools: ReadonlyMap<string, Tool>,
): readonly Feature[] {
  const { toolResultStore, grounding, causal, reflexion, output, gsar, terminalTools } = config;
  const list: Feature[] = [];
  // Before the hooks: they see, and may change, what is sent.
  if (config.conversationManager !== null) {
    list.push(new ManagedConversation(config.conversationManager, tools.has(READ_EARLIER)));
  }
  // The user's hooks see each point first, and its end last.
  if (config.hooks.length > 0) list.push(new Hooks(config.hooks));
  // The plan is asked for before any reminder.
  if (config.planning) list.push(new Planning());
  // Reminders come before advice.
  list.push(new Completion(config));
  // After what refuses a call: a refusal is not remembered.
  if (hasIdempotent(tools)) list.push(new KnownOutcomes(tools, terminalTools));
  if (toolResultStore !== null) list.push(new StoredResults(toolResultStore));
  if (grounding !== null && config.completionMode === "auto") list.push(new Grounding(grounding));
  if (causal !== null) list.push(new CausalTracing(causal));
  // It judges the turn as it is recorded, so nothing that changes the record may follow.
  if (reflexion !== null) list.push(new Reflexion(reflexion, config));
  // The answer is given its form before it is judged.
  if (output !== null) list.push(new StructuredOutput(output));
  if (gsar !== null) list.push(new Gsar(gsar, terminalTools));
  // Its end comes before that of the hooks, which see the answer.
  if (config.outputKey !== null) list.push(new OutputKey(config.outputKey));
  return list;
}

export function find<F extends Feature>(
  features: readonly Feature[],
  type: abstract new (...args: never[]) => F,
): F | undefined {
  return features.find((feature): feature is F => feature instanceof type);
}

/**
 * The tools that an agent has: its own, in explicit mode the built-in ones, and those by which it reads
 * what was put aside.
 */
export function createTools(config: AgentConfig): Map<string, Tool> {
  const tools = new Map(config.tools.map((tool) => [tool.name, tool]));
  const further = [
    ...config.completionMode === "explicit" ? [taskCompleteTool(), askUserTool()] : [],
    ...config.tools.some(({ provider }) => provider !== undefined) ? [approvalTool()] : [],
    ...config.toolResultStore === null ? [] : [config.toolResultStore.tool],
    ...config.conversationManager?.cutsResults && config.tools.length > 0
      ? [readEarlierTool()]
      : [],
  ];
  for (const tool of further) if (!tools.has(tool.name)) tools.set(tool.name, tool);
  return tools;
}

function hasIdempotent(tools: ReadonlyMap<string, Tool>): boolean {
  for (const { idempotent } of tools.values()) if (idempotent) return true;
  return false;
}
