/**
 * What checkpoints and conversation managers say.
 *
 * @module
 */

import type { InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** The state of an agent or a graph was saved. */
export interface MemoryCheckpointSaved extends InSpan {
  /** The conversation that the state belongs to. */
  thread_id: string;
  /** How many turns the agent, or steps the graph, had finished. */
  iteration: number;
  /** Name of the kind of store. */
  backend: string;
  /** What made it save: a number of turns, the end of the run, or a graph that waits. */
  trigger: "every_n_iterations" | "final" | "graph_interrupt";
  /** Of a graph: names the checkpoint in its thread. */
  checkpoint_id?: string;
  /** Of a graph: the checkpoint before it; null for the first. */
  parent_checkpoint_id?: string | null;
  /** Of a graph: how long what was stored is, in characters. */
  bytes?: number;
  /** Of a graph: the fields of the state whose changes were stored. */
  changed?: readonly string[];
}

/** The state of an agent or a graph was restored. */
export interface MemoryCheckpointLoaded extends InSpan {
  /** The conversation that the state belongs to. */
  thread_id: string;
  /** The `iteration` that the state was saved with. */
  iteration: number;
  /** Name of the kind of store. */
  backend: string;
  /** The node that a graph resumes at; null for an agent. */
  resume_node: string | null;
  /** Of a graph: names the checkpoint in its thread. */
  checkpoint_id?: string;
  /** Of a graph: what it goes on for. */
  because?: "scheduled" | "answer" | "recover" | "replay";
}

/** Old messages were dropped from a conversation. */
export interface MemoryConversationPruned extends InSpan {
  /** How the conversation is kept short: the last messages stay. */
  strategy: "sliding_window";
  /** How many messages are kept at most, system messages not counted. */
  window_size: number;
  /** How many messages were dropped now. */
  removed_count: number;
}

/** A conversation is too long and is about to be summarised. */
export interface MemoryCompactorTriggered extends SpanPair {
  /** How the conversation is kept short: a summary replaces the old messages. */
  strategy: "summarizing";
  /** How many messages there are, system messages not counted. */
  messages_before: number;
  /** What was exceeded, in messages; in tokens if the compactor works to a token budget. */
  threshold: number;
  /** What `threshold` counts. */
  unit?: "messages" | "tokens";
  /** How many tokens there are by the compactor's count, where it counts them. */
  tokens_before?: number;
  /** Why now: the threshold, a provider that refused the conversation as too long, or somebody who asked for it. */
  because?: "threshold" | "overflow" | "asked";
}

/** The result of a tool that was cut to make room. */
export interface EvictedResult {
  /** The call. */
  tool_call_id: string;
  /** The tool. */
  name: string;
  /** How long it was, in bytes of UTF-8. */
  bytes: number;
  /** By what it can be read again; null if nobody keeps it. */
  ref: string | null;
}

/** A conversation was summarised. */
export interface MemoryCompactorCompleted extends SpanPair {
  /** How the conversation is kept short: a summary replaces the old messages. */
  strategy: "summarizing";
  /** The `messages_before` of the matching `memory.compactor.triggered`. */
  messages_before: number;
  /** How many messages there are now, the system's and the summary counted. */
  messages_after: number;
  /** How many messages the summary stands for. */
  summarized_count: number;
  /** How long it took, in milliseconds. */
  duration_ms: number;
  /** How many tokens there are now by the compactor's count, where it counts them. */
  tokens_after?: number;
  /** The tool results that were cut: at most 100 of them. */
  evicted?: readonly EvictedResult[];
  /** Index of the first message that the summary stands for, in the conversation before; null if there is none. */
  from_index?: number | null;
  /** Index behind the last message that the summary stands for; null if there is none. */
  to_index?: number | null;
  /** Why the summary had to be made of excerpts; null if it did not. */
  fallback?: string | null;
  /** Whether it is still longer than the model takes. */
  over_budget?: boolean;
}

/** The payload of every `memory.*` event. */
export type MemoryEvents = {
  "memory.checkpoint.saved": MemoryCheckpointSaved;
  "memory.checkpoint.loaded": MemoryCheckpointLoaded;
  "memory.conversation.pruned": MemoryConversationPruned;
  "memory.compactor.triggered": MemoryCompactorTriggered;
  "memory.compactor.completed": MemoryCompactorCompleted;
};

/** The documentation of every `memory.*` event. */
export const memoryEvents: EventRows<MemoryEvents> = {
  "memory.checkpoint.saved": {
    summary: "The state of an agent or a graph was saved.",
    note: "The final one comes after `agent.terminate`.",
  },
  "memory.checkpoint.loaded": {
    summary: "The state of an agent or a graph was restored.",
    note: "Only if a saved state was found.",
  },
  "memory.conversation.pruned": {
    summary: "Old messages were dropped from a conversation.",
    note: "Only if at least one was.",
  },
  "memory.compactor.triggered": {
    summary: "A conversation is too long and is about to be summarised.",
    pairs_with: "memory.compactor.completed",
  },
  "memory.compactor.completed": {
    summary: "A conversation was summarised.",
    note: "Also if the summary had to be made without a model.",
    pairs_with: "memory.compactor.triggered",
  },
};
