/** Routers and what a dispatch comes to, as their users see them. */

import type { AnyRun } from "../core/run/run.ts";
import type { GraphInterrupt } from "../graph/mod.ts";
import type { GoalFrame } from "./frame.ts";
import type { RouterDecision } from "./state.ts";

/** Options of {@linkcode Router.dispatch}. */
export interface DispatchOptions {
  /** The run to begin, or to go on with. @default {the current run, else a new one} */
  readonly runId?: string;
  /** The run to publish to, where no context reaches. @default {the current run} */
  readonly run?: AnyRun;
  /** Names what waits for a person. @default {the id of a run that it begins, else random} */
  readonly threadId?: string;
  /** Stops it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of {@linkcode Router.resume}. */
export interface RouterResumeOptions extends DispatchOptions {
  /** Which question is answered, where several wait. */
  readonly interruptId?: string;
}

/** Options of {@linkcode Router.explain}. */
export type ExplainOptions = Pick<DispatchOptions, "run" | "signal">;

/** What a dispatch came to. */
export interface RouterResult {
  /** `interrupted` if somebody was asked: `interrupts` has the questions, `resume()` takes the answer. */
  readonly stop_reason: "completed" | "interrupted";
  /** The answer as text; `""` if there is none. */
  readonly text: string;
  /** The answer, where it is more than a text; else null. */
  readonly parsed: unknown;
  /** What the protocol handed on. */
  readonly raw: unknown;
  /** The protocol; null if none is chosen yet. */
  readonly protocol_id: string | null;
  /** What the request asks for; null if that is not known yet. */
  readonly frame: GoalFrame | null;
  /** The questions that wait. */
  readonly interrupts: readonly GraphInterrupt[];
  /** The run that it was in. */
  readonly run_id: string;
  /** The thread: name it to go on. */
  readonly thread_id: string;
  /** How long this call took, in milliseconds. */
  readonly duration_ms: number;
}

/** How a request would be answered. */
export interface RouterExplanation extends RouterDecision {
  /** What the request asks for. */
  readonly frame: GoalFrame;
  /** Whether a person would be asked first what is meant. */
  readonly asks: boolean;
}

/** Answers requests by the protocol that fits. Made by {@linkcode router}. */
export interface Router {
  /** Its name. */
  readonly id: string;
  /**
   * Answers a request. Inside of a run it is a span of it, else a run.
   *
   * @throws {FrameExtractionError} If it was not understood.
   * @throws {NoMatchingProtocolError} If no protocol handles it.
   * @throws {PolicyDeniedError} If it may not run, or nobody approved.
   * @throws What the protocol throws, or the signal's reason.
   */
  dispatch(text: string, options?: DispatchOptions): Promise<RouterResult>;
  /**
   * Answers a question, and goes on; with the router's `checkpointer`, in any process.
   *
   * @param answer JSON.
   * @throws {GraphError} If nothing waits for it. Otherwise as {@linkcode Router.dispatch}.
   */
  resume(answer: unknown, options: RouterResumeOptions): Promise<RouterResult>;
  /**
   * Says how a request would be answered: a protocol is chosen and judged, and nothing runs. Inside of a run that is told as well.
   *
   * @throws {FrameExtractionError} If it was not understood.
   */
  explain(text: string, options?: ExplainOptions): Promise<RouterExplanation>;
}
