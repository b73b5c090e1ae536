/** What a run has beyond its loop: its features, and the tools that some of them bring. */

import { askUserTool, completion, planning, taskCompleteTool } from "./completion/completion.ts";
import type { AgentConfig } from "./config.ts";
import {
  managedConversation,
  READ_EARLIER,
  readEarlierTool,
} from "./conversation/managed_conversation.ts";
import { hooksFeature } from "./hooks/hooks_feature.ts";
import type { Feature } from "./loop/feature.ts";
import { outputKey, structuredOutput } from "./output/structured_answer.ts";
import { causalTracing } from "./reasoning/causal/trace_causes.ts";
import { groundingFeature } from "./reasoning/grounding/grounding.ts";
import { gsarFeature } from "./reasoning/gsar/gsar.ts";
import { reflexionFeature } from "./reasoning/reflexion/reflexion.ts";
import { knownOutcomes } from "./tool_results/known_outcomes.ts";
import { storedResults } from "./tool_results/result_store.ts";
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
    list.push(managedConversation(config.conversationManager, tools.has(READ_EARLIER)));
  }
  // The user's hooks see each point first, and its end last.
  if (config.hooks.length > 0) list.push(hooksFeature(config.hooks));
  // The plan is asked for before any reminder.
  if (config.planning) list.push(planning());
  // Reminders come before advice.
  list.push(completion(config));
  // After what refuses a call: a refusal is not remembered.
  if (hasIdempotent(tools)) list.push(knownOutcomes(tools, terminalTools));
  if (toolResultStore !== null) list.push(storedResults(toolResultStore));
  if (grounding !== null && config.completionMode === "auto") {
    list.push(groundingFeature(grounding));
  }
  if (causal !== null) list.push(causalTracing(causal));
  // It judges the turn as it is recorded, so nothing that changes the record may follow.
  if (reflexion !== null) list.push(reflexionFeature(reflexion, config));
  // The answer is given its form before it is judged.
  if (output !== null) list.push(structuredOutput(output));
  if (gsar !== null) list.push(gsarFeature(gsar, terminalTools));
  // Its end comes before that of the hooks, which see the answer.
  if (config.outputKey !== null) list.push(outputKey(config.outputKey));
  return list;
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
