/**
 * What an agent with subagents, files and a list of things to do says.
 *
 * @module
 */

import type { InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** A subagent is about to run. */
export interface DeepagentSubagentSpawned extends SpanPair {
  /** Which of the subagents on offer. */
  subagent_type: string;
  /** The start of its task, at most 200 characters. */
  description_preview: string;
  /** How many turns it may take. */
  max_iterations: number;
  /** True if it waited for a person and goes on. */
  resumed?: boolean;
}

/** A subagent is finished or failed. */
export interface DeepagentSubagentCompleted extends SpanPair {
  /** The `subagent_type` of the matching `deepagent.subagent.spawned`. */
  subagent_type: string;
  /** Length of its final message, in characters; 0 if it failed. */
  output_length: number;
  /** How long it ran, in milliseconds. */
  duration_ms: number;
  /** False if it failed or its final message is empty. */
  success: boolean;
  /** Why it failed; null if it did not. */
  error?: string | null;
}

/** A file was read. */
export interface DeepagentFsRead extends InSpan {
  /** Absolute, with forward slashes. */
  path: string;
  /** Size of what the agent was given, line numbers included, in bytes of UTF-8. */
  byte_count: number;
}

/** A file was written or edited. */
export interface DeepagentFsWrite extends InSpan {
  /** Absolute, with forward slashes. */
  path: string;
  /** Size of the whole file now, in bytes of UTF-8. */
  byte_count: number;
  /** Its size before; null if it is new. */
  bytes_before?: number | null;
  /** Of what is in it now: the first half of its SHA-256, 32 hexadecimal digits. */
  hash?: string;
}

/** Something to do is new on the list. */
export interface DeepagentTodoAdded extends InSpan {
  /** What is to be done. */
  content: string;
  /** The agent's own word, usually `pending` or `in_progress`. */
  status: string;
  /** Its place on the list, from 0. */
  position?: number;
  /** How long the list is. */
  list_length?: number;
}

/** Something on the list is done. */
export interface DeepagentTodoCompleted extends InSpan {
  /** What was to be done. */
  content: string;
  /** The agent's own word: `completed`. */
  status: string;
  /** Its place on the list, from 0. */
  position?: number;
  /** How long the list is. */
  list_length?: number;
}

/** The payload of every `deepagent.*` event. */
export type DeepagentEvents = {
  "deepagent.subagent.spawned": DeepagentSubagentSpawned;
  "deepagent.subagent.completed": DeepagentSubagentCompleted;
  "deepagent.fs.read": DeepagentFsRead;
  "deepagent.fs.write": DeepagentFsWrite;
  "deepagent.todo.added": DeepagentTodoAdded;
  "deepagent.todo.completed": DeepagentTodoCompleted;
};

/** The documentation of every `deepagent.*` event. */
export const deepagentEvents: EventRows<DeepagentEvents> = {
  "deepagent.subagent.spawned": {
    summary: "A subagent is about to run.",
    note: "What it does is published in the same run.",
    pairs_with: "deepagent.subagent.completed",
  },
  "deepagent.subagent.completed": {
    summary: "A subagent is finished or failed.",
    pairs_with: "deepagent.subagent.spawned",
  },
  "deepagent.fs.read": { summary: "A file was read.", note: "Only on success." },
  "deepagent.fs.write": { summary: "A file was written or edited.", note: "Only on success." },
  "deepagent.todo.added": {
    summary: "Something to do is new on the list.",
    note: "Also when an entry's status changes to anything but completed.",
  },
  "deepagent.todo.completed": {
    summary: "Something on the list is done.",
    note: "Once, when the entry becomes completed.",
  },
};
