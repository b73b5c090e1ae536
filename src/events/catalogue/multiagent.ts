/**
 * What orchestrators, specialists, handoffs and graphs say.
 *
 * @module
 */

import type { Beginning, InParent, InSpan, RouteCandidate, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** An orchestrator received a task and decides who works on it. */
export interface MultiagentOrchestratorRouting extends InSpan {
  /** The same on all events of this orchestrator. */
  orchestrator_id: string;
  /** The start of the task, at most 160 characters. */
  task_preview: string;
  /** How many specialists there are to choose from. */
  specialist_count: number;
}

/** An orchestrator decided what happens next. */
export interface MultiagentOrchestratorDecision extends InSpan {
  /** Which orchestrator. */
  orchestrator_id: string;
  /** The step that follows. */
  decision: "invoke_specialist" | "correlate" | "summarize" | "finalize";
  /** Ids of the specialists that will work; `[]` if the decision is not about specialists. */
  specialists_selected: readonly string[];
  /** Why, in the model's words or in fixed ones if no model was asked. */
  reasoning: string;
}

/** All specialists that an orchestrator chose are finished. */
export interface MultiagentOrchestratorSpecialistsInvoked extends InSpan {
  /** Which orchestrator. */
  orchestrator_id: string;
  /** Ids, in the order of the decision. */
  specialists_invoked: readonly string[];
  /** Ids of those that returned a result. */
  specialists_succeeded: readonly string[];
  /** Ids of those that failed or do not exist. */
  specialists_failed: readonly string[];
}

/** An orchestrator has its answer. */
export interface MultiagentOrchestratorSummary extends InSpan {
  /** Which orchestrator. */
  orchestrator_id: string;
  /** Length of the answer, in characters. */
  summary_length: number;
}

/** A specialist starts to work. */
export interface MultiagentSpecialistStarted extends SpanPair {
  /** `multiagent.specialist.completed` carries the same. */
  specialist_id: string;
  /** What it is good at, such as `log_analyst`. */
  specialist_type: string;
  /** The start of the task, at most 160 characters. */
  task_preview: string;
}

/** A specialist answered or failed. */
export interface MultiagentSpecialistCompleted extends SpanPair {
  /** The `specialist_id` of the matching `multiagent.specialist.started`. */
  specialist_id: string;
  /** What it is good at, such as `log_analyst`. */
  specialist_type: string;
  /** Whether it answered. */
  success: boolean;
  /** How sure the answer sounds, 0 to 1; 0 if the specialist failed. */
  confidence: number;
  /** How long it worked, in milliseconds. */
  duration_ms: number;
  /** Length of the answer, in characters; 0 if the specialist failed. */
  output_length: number;
  /** What went wrong, or null on success. */
  error: string | null;
  /** The start of the answer, at most 200 characters; absent if the specialist failed. */
  output_preview?: string;
}

/** An agent hands its task to another. */
export interface MultiagentHandoffInitiated extends SpanPair {
  /** The agent that gives the task away. */
  source_agent_id: string;
  /** The agent that takes it over. */
  target_agent_id: string;
  /** Why the task changes hands. */
  reason: "specialization" | "escalation" | "delegation" | "completion" | "failure";
  /** What the source tells the target, at most 240 characters; null if it says nothing. */
  context_summary: string | null;
  /** Names this handoff. */
  handoff_id?: string;
  /** How much of the conversation goes along: `summary`, `none`, `last`, `all`, or `custom` by a function. */
  carry?: string;
  /** How many messages the source's conversation has, without instructions. */
  messages_total?: number;
  /** How many of them the target gets. */
  messages_carried?: number;
  /** How many of them it does not get. */
  messages_left_out?: number;
  /** How many of those are results of tools. */
  tool_results_left_out?: number;
  /** Length of the summary that stands for them, in characters. */
  summary_length?: number;
  /** The names of the findings that go along. */
  findings?: readonly string[];
  /** Which handoff of the chain it is, from 1. */
  chain_length?: number;
  /** How many the chain may have. */
  chain_limit?: number;
}

/** The agent that took over answered or failed. */
export interface MultiagentHandoffCompleted extends SpanPair {
  /** The agent that gave the task away. */
  source_agent_id: string;
  /** The agent that took it over. */
  target_agent_id: string;
  /** Whether the target answered. */
  success: boolean;
  /** Length of the answer, in characters; 0 if the target failed. */
  output_length: number;
  /** The `handoff_id` of the matching `multiagent.handoff.initiated`. */
  handoff_id?: string;
  /** What went wrong, or null on success. */
  error?: string | null;
  /** How long the target worked, in milliseconds. */
  duration_ms?: number;
}

/** A node of a graph is about to run. */
export interface MultiagentGraphNodeStarted extends InParent, Beginning {
  /** The graph that the node belongs to. */
  graph_id: string;
  /** The node's name within its graph. */
  node_id: string;
  /** Number of the graph's step, from 1. */
  iteration: number;
  /** Id of this run of the node; `multiagent.graph.node.completed` carries the same. */
  span_id: string;
  /** Whether other nodes run in the same step. */
  parallel: boolean;
  /** Whether the node goes on after an interrupt. */
  is_resuming: boolean;
  /** Names the task in its thread, however often it is begun. */
  task_id?: string;
}

/** A node of a graph finished, failed, was skipped or waits for a person. */
export interface MultiagentGraphNodeCompleted extends InParent {
  /** The graph that the node belongs to. */
  graph_id: string;
  /** The node's name within its graph. */
  node_id: string;
  /** The `span_id` of the matching `multiagent.graph.node.started`. */
  span_id: string;
  /** How it ended; `interrupted` means that it waits for a person. */
  status: "completed" | "failed" | "skipped" | "interrupted";
  /** How long this node ran, in milliseconds; 0 if it came from the cache. */
  duration_ms: number;
  /** Whether other nodes ran in the same step. */
  parallel: boolean;
  /** `<ErrorName>: <first line>` of what it failed with, or null. */
  error?: string | null;
  /** How often it was tried. */
  attempts?: number;
  /** Whether the result is an earlier one. */
  cached?: boolean;
  /** The fields of the state that it writes. */
  changed?: readonly string[];
}

/** A node of a graph chose its successors. */
export interface MultiagentGraphNodeRouted extends InSpan {
  /** Id of the node that finished. */
  from_node: string;
  /** Ids of the nodes that run next; the end of the graph is `__END__`. */
  to_nodes: readonly string[];
  /** What the router or the command returned; null for an edge without a condition. */
  condition_result: string | readonly string[] | null;
  /** The routes that were open, taken or not. */
  candidates?: readonly RouteCandidate[];
  /** The graph that the node belongs to. */
  graph_id?: string;
  /** Who chose: a fixed edge, a router, or the node itself. */
  via?: "static" | "conditional" | "command";
}

/** The payload of every `multiagent.*` event. */
export type MultiagentEvents = {
  "multiagent.orchestrator.routing": MultiagentOrchestratorRouting;
  "multiagent.orchestrator.decision": MultiagentOrchestratorDecision;
  "multiagent.orchestrator.specialists_invoked": MultiagentOrchestratorSpecialistsInvoked;
  "multiagent.orchestrator.summary": MultiagentOrchestratorSummary;
  "multiagent.specialist.started": MultiagentSpecialistStarted;
  "multiagent.specialist.completed": MultiagentSpecialistCompleted;
  "multiagent.handoff.initiated": MultiagentHandoffInitiated;
  "multiagent.handoff.completed": MultiagentHandoffCompleted;
  "multiagent.graph.node.started": MultiagentGraphNodeStarted;
  "multiagent.graph.node.completed": MultiagentGraphNodeCompleted;
  "multiagent.graph.node.routed": MultiagentGraphNodeRouted;
};

/** The documentation of every `multiagent.*` event. */
export const multiagentEvents: EventRows<MultiagentEvents> = {
  "multiagent.orchestrator.routing": {
    summary: "An orchestrator received a task and decides who works on it.",
    note: "One per task, before any decision.",
  },
  "multiagent.orchestrator.decision": {
    summary: "An orchestrator decided what happens next.",
    note: "Once for each step: whom to invoke, to correlate, to summarize.",
  },
  "multiagent.orchestrator.specialists_invoked": {
    summary: "All chosen specialists are finished.",
    note: "After the last of them, whether they succeeded or not.",
  },
  "multiagent.orchestrator.summary": {
    summary: "An orchestrator has its answer.",
    note: "Only on success.",
  },
  "multiagent.specialist.started": {
    summary: "A specialist starts to work.",
    pairs_with: "multiagent.specialist.completed",
  },
  "multiagent.specialist.completed": {
    summary: "A specialist answered or failed.",
    pairs_with: "multiagent.specialist.started",
  },
  "multiagent.handoff.initiated": {
    summary: "An agent hands its task to another.",
    note: "Once the context is built, before the target runs.",
    pairs_with: "multiagent.handoff.completed",
  },
  "multiagent.handoff.completed": {
    summary: "The agent that took over answered or failed.",
    pairs_with: "multiagent.handoff.initiated",
  },
  "multiagent.graph.node.started": {
    summary: "A node of a graph is about to run.",
    note: "Also before its condition or the cache makes it unnecessary.",
    pairs_with: "multiagent.graph.node.completed",
  },
  "multiagent.graph.node.completed": {
    summary: "A node of a graph finished, failed, was skipped or waits for a person.",
    pairs_with: "multiagent.graph.node.started",
  },
  "multiagent.graph.node.routed": {
    summary: "A node of a graph chose its successors.",
    note: "Once for each successful node that has successors.",
  },
};
