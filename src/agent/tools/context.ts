/** What a tool's body gets beside its arguments. */

import type { Run } from "../../core/run/run_context.ts";
import type { AgentState } from "../state/state.ts";

/** A question to a person, as a tool asks it. */
export interface InterruptRequest {
  /** What to ask. */
  readonly question: string;
  /** The answers to choose from. @default {any answer} */
  readonly options?: readonly string[];
}

/** The second argument of a tool's `execute`. Its functions may be taken apart from it. */
export interface ToolContext {
  /** The name that the tool was called by. */
  readonly toolName: string;
  /** The id of this call; events about it carry the same. */
  readonly toolCallId: string;
  /** The agent's name; null if it was given none. */
  readonly agentId: string | null;
  /** The id of the agent's run: `state.run_id`. */
  readonly runId: string;
  /** Index of the turn, from 0. */
  readonly iteration: number;
  /** The run as it was when this turn's tools were called. */
  readonly state: AgentState;
  /**
   * Aborted when the run is cancelled, its time or the tool's is up, or another tool of the same turn asks
   * a person. Hand it to `fetch` and the like: the run goes on without waiting for the body.
   */
  readonly signal: AbortSignal;
  /**
   * The run on the bus, as seen from within this call: `run.emit()` where no context reaches, as in
   * browsers. Undefined outside of a run on a bus.
   */
  readonly run: Run | undefined;
  /** A value of the run's metadata, or `fallback` if it has none under that key. */
  getMetadata(key: string, fallback?: unknown): unknown;
  /**
   * Asks a person, and returns the answer.
   *
   * The first time it does not return: the run pauses with an `interrupt` event. When the agent is
   * resumed, the tool's body runs **again from its start**, and here it gets the answer; so what
   * comes before it should be safe to do twice. A body may ask several times, one after the other.
   *
   * @param metadata Anything that the user interface needs beside the question.
   */
  interrupt<Answer = string>(
    question: string | InterruptRequest,
    metadata?: Readonly<Record<string, unknown>>,
  ): Answer;
  /** Keeps a terminal tool from ending the run: its work is not done yet. */
  preventTermination(): void;
}
