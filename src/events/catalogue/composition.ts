/**
 * What sequential, parallel and looping pipelines say.
 *
 * @module
 */

import type { Beginning, InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** A stage of a sequential pipeline is about to run. */
export interface CompositionStageStarted extends SpanPair, Beginning {
  /** Only sequential pipelines have stages. */
  pipeline_kind: "sequential";
  /** Index of the stage, from 0. */
  stage: number;
  /** How many stages the pipeline has. */
  stage_count: number;
  /** What the stage is called. */
  name?: string;
}

/** A stage of a sequential pipeline answered or failed. */
export interface CompositionStageCompleted extends SpanPair {
  /** Only sequential pipelines have stages. */
  pipeline_kind: "sequential";
  /** The `stage` of the matching `composition.stage.started`. */
  stage: number;
  /** Length of the stage's output, in characters; 0 if it failed. */
  output_length: number;
  /** How long the stage ran, in milliseconds. */
  duration_ms: number;
  /** Whether the stage answered. */
  success: boolean;
  /** How it ended; `interrupted` means that it waits for a person. */
  status?: "completed" | "failed" | "interrupted";
  /** `<ErrorName>: <first line>` of what it failed with, or null. */
  error?: string | null;
}

/** The agents of a parallel pipeline are about to run. */
export interface CompositionFanoutStarted extends SpanPair {
  /** How many agents run at once. */
  agent_count: number;
  /** How their outputs become one: all of them joined, the last agent's alone, or a list of all. */
  merge_strategy: "concatenate" | "last" | "list";
}

/** All agents of a parallel pipeline are finished. */
export interface CompositionFanoutCompleted extends SpanPair {
  /** How many agents answered. */
  success_count: number;
  /** How many agents failed. */
  error_count: number;
  /** How many wait for an answer. */
  interrupted_count?: number;
  /** From the start of the first agent to the end of the last, in milliseconds. */
  duration_ms: number;
}

/** A round of a loop begins. */
export interface CompositionLoopIterationStarted extends SpanPair, Beginning {
  /** Index of the round, from 0. */
  iteration: number;
  /** How many rounds there may be. */
  max_loops?: number;
}

/** A round of a loop is over and its condition is evaluated. */
export interface CompositionLoopIterationCompleted extends SpanPair {
  /** The `iteration` of the matching `composition.loop.iteration.started`. */
  iteration: number;
  /** Length of the round's output, in characters; 0 if it failed. */
  output_length: number;
  /** How long the round took, in milliseconds. */
  duration_ms: number;
  /** Whether the condition held, which ends the loop; null if it was not asked. */
  condition_met?: boolean | null;
  /** How it ended; `interrupted` means that it waits for a person. */
  status?: "completed" | "failed" | "interrupted";
  /** `<ErrorName>: <first line>` of what it failed with, or null. */
  error?: string | null;
}

/** A loop is over. */
export interface CompositionLoopTerminated extends InSpan {
  /** How many rounds were begun. */
  iterations_run: number;
  /** Its condition held, its rounds were used up, or a round failed. */
  terminated_by: "condition" | "max_loops" | "error";
  /** From the beginning of the loop, or of its going on, in milliseconds. */
  duration_ms?: number;
}

/** The payload of every `composition.*` event. */
export type CompositionEvents = {
  "composition.stage.started": CompositionStageStarted;
  "composition.stage.completed": CompositionStageCompleted;
  "composition.fanout.started": CompositionFanoutStarted;
  "composition.fanout.completed": CompositionFanoutCompleted;
  "composition.loop.iteration.started": CompositionLoopIterationStarted;
  "composition.loop.iteration.completed": CompositionLoopIterationCompleted;
  "composition.loop.terminated": CompositionLoopTerminated;
};

/** The documentation of every `composition.*` event. */
export const compositionEvents: EventRows<CompositionEvents> = {
  "composition.stage.started": {
    summary: "A stage of a sequential pipeline is about to run.",
    pairs_with: "composition.stage.completed",
  },
  "composition.stage.completed": {
    summary: "A stage of a sequential pipeline answered or failed.",
    note: "No stage runs after one that failed.",
    pairs_with: "composition.stage.started",
  },
  "composition.fanout.started": {
    summary: "The agents of a parallel pipeline are about to run.",
    pairs_with: "composition.fanout.completed",
  },
  "composition.fanout.completed": {
    summary: "All agents of a parallel pipeline are finished.",
    pairs_with: "composition.fanout.started",
  },
  "composition.loop.iteration.started": {
    summary: "A round of a loop begins.",
    pairs_with: "composition.loop.iteration.completed",
  },
  "composition.loop.iteration.completed": {
    summary: "A round of a loop is over.",
    note: "After the loop's condition was evaluated, or when the round failed.",
    pairs_with: "composition.loop.iteration.started",
  },
  "composition.loop.terminated": {
    summary: "A loop is over.",
    note: "One per loop; one more if a loop that failed or was cancelled is gone on with.",
  },
};
