/**
 * The run itself: how it begins and how it ends.
 *
 * @module
 */

import type { EventRows } from "./rows.ts";

/** A run begins, or goes on after it waited. */
export interface RunStarted {
  /** What the run is, for people; null if it was given no name. At most 200 characters. */
  name: string | null;
  /** The run that this one is a child of; null if it is of none. */
  parent_run_id: string | null;
  /** The span of kind `run` that stands for this run in its parent; null without a parent. */
  parent_span_id: string | null;
  /** The start of what the run was asked. */
  input_preview: string;
  /** What to filter runs by: at most 16, of 64 characters with values of 256. */
  tags: Readonly<Record<string, string>>;
  /** Anything else that is known at the beginning, up to 2 kB. */
  metadata: Readonly<Record<string, unknown>>;
  /** True if the run waited and goes on. */
  resumed?: boolean;
}

/** A run is over, or waits for a person. */
export interface RunCompleted {
  /**
   * - `ok`, `error`: the work succeeded or failed.
   * - `cancelled`: it was aborted, or its consumer left.
   * - `waiting`: it needs an answer. The run stays open, and `run.started` follows when it goes on.
   */
  outcome: "ok" | "error" | "cancelled" | "waiting";
  /** `<ErrorName>: <first line>` of what ended it; null if nothing was thrown. */
  error: string | null;
  /** How long it took since `run.started`, in milliseconds. */
  duration_ms: number;
}

/** The payload of every `run.*` event. */
export type RunEvents = {
  "run.started": RunStarted;
  "run.completed": RunCompleted;
};

/** The documentation of every `run.*` event. */
export const runEvents: EventRows<RunEvents> = {
  "run.started": {
    summary: "A run begins, or goes on after it waited.",
    note: "The first event of a run that was opened by withRun() or startRun().",
    pairs_with: "run.completed",
  },
  "run.completed": {
    summary: "A run is over, or waits for a person.",
    note: "However it ended. Unless it waits, this is the last event, and the stream is closed.",
    pairs_with: "run.started",
  },
};
