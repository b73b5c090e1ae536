/**
 * What sequential, parallel and looping pipelines say.
 *
 * @module
 */

import type { InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** A stage of a sequential pipeline is about to run. */
export interface CompositionStageStarted extends SpanPair {
  /** Only sequential pipelines have stages. */
  pipeline_kind: "sequential";
  /** Index of the stage, from 0. */
  stage: number;
  /** How many stages the pipeline has. */
  stage_count: number;
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
}

/** The agents of a parallel pipeline are about to run. */
export interface CompositionFanoutStarted extends SpanPair {
  /** How many agents run at once. */
  agent_count: number;
  /** How their outputs become one: all of them joined, or the last agent's alone. */
  merge_strategy: "concatenate" | "last";
}

/** All agents of a parallel pipeline are finished. */
export interface CompositionFanoutCompleted extends SpanPair {
  /** How many agents answered. */
  success_count: number;
  /** How many agents failed. */
  error_count: number;
  /** From the start of the first agent to the end of the last, in milliseconds. */
  duration_ms: number;
}

/** A round of a loop begins. */
export interface CompositionLoopIterationStarted extends SpanPair {
  /** Index of the round, from 0. */
  iteration: number;
}

/** A round of a loop is over and its condition is evaluated. */
export interface CompositionLoopIterationCompleted extends SpanPair {
  /** The `iteration` of the matching `composition.loop.iteration.started`. */
  iteration: number;
  /** Length of the round's output, in characters; 0 if it failed. */
  output_length: number;
  /** How long the round took, in milliseconds. */
  duration_ms: number;
}

/** A loop is over. */
export interface CompositionLoopTerminated extends InSpan {
  /** How many rounds were begun. */
  iterations_run: number;
  /** Its condition held, its rounds were used up, or a round failed. */
  terminated_by: "condition" | "max_loops" | "error";
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
  "composition.loop.terminated": { summary: "A loop is over.", note: "One per loop." },
};
