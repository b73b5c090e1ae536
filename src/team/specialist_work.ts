/** A specialist's work, with its pair of events around it. */

import type { AgentState } from "../agent/state/state.ts";
import { InterruptSignal } from "../agent/tools/question.ts";
import type { AnyRun } from "../core/run/run.ts";
import { beginPair, openTold } from "../core/run/told_span.ts";
import { type Reply, stopped } from "./member.ts";
import { confidenceOf, lengthOf, shown } from "./words.ts";

/** What a specialist came to. */
export interface SpecialistResult {
  /** Which specialist. */
  readonly specialist_id: string;
  /** What it is good at. */
  readonly specialist_type: string;
  /** What it answered; null if it did not come to an answer. */
  readonly output: string | null;
  /** How sure the answer sounds, 0 to 1; 0 if it failed. */
  readonly confidence: number;
  /** How long it worked, in milliseconds. */
  readonly duration_ms: number;
  /** What its run left; null if it had none, or if the result was kept in a thread. */
  readonly state: AgentState | null;
  /** Why there is no whole answer: a sentence, or the name of a limit; null if there is. */
  readonly error: string | null;
  /** Whether `error` is null. */
  readonly success: boolean;
}

/** Who works. */
export interface Who {
  readonly id: string;
  readonly specialistType: string;
}

/** Where it works, on what. */
export interface Task {
  readonly outer: AnyRun | undefined;
  readonly signal: AbortSignal | undefined;
  readonly task: string;
  /** The span of the pair, if it was begun before and goes on. */
  readonly again?: string | undefined;
}

/**
 * Does a piece of work between `multiagent.specialist.started` and `.completed`.
 *
 * @param work Gets the run as seen from inside of the span, and the span's id.
 */
export async function watched(
  who: Who,
  { outer, signal, task, again }: Task,
  work: (run: AnyRun | undefined, spanId: string | null) => Promise<Reply>,
): Promise<SpecialistResult> {
  const startedAt = performance.now();
  const resultOf = (reply: Reply) => toResult(who, reply, performance.now() - startedAt);
  const ids = { specialist_id: who.id, specialist_type: who.specialistType };
  const started = { task_preview: shown(task, 160) };
  const span = openTold(
    outer,
    beginPair<ReturnType<typeof endOf>>(PAIR, ids, again === undefined ? started : null, again),
    (isStopped) => isStopped || signal?.aborted ? endOf(resultOf(stopped(signal?.reason))) : null,
  );
  let result: SpecialistResult;
  try {
    result = resultOf(await work(span.run, span.id));
  } catch (error) {
    if (error instanceof InterruptSignal) span.suspend();
    else span.end(endOf(resultOf(stopped(error))));
    throw error;
  }
  span.end(endOf(result));
  return result;
}

/** What a specialist without a model comes to: nothing has begun, so nothing is told. */
export function withoutModel(who: Who): SpecialistResult {
  const reply = { output: null, error: "No model configured for specialist", state: null };
  return toResult(who, reply, 0);
}

/** What the choice of somebody unknown comes to. */
export function notFound(id: string): SpecialistResult {
  const error = `Specialist not found: ${id}`;
  return toResult({ id, specialistType: "unknown" }, { output: null, error, state: null }, 0);
}

function toResult(who: Who, { output, error, state }: Reply, duration_ms: number) {
  const success = error === null;
  return Object.freeze({
    specialist_id: who.id,
    specialist_type: who.specialistType,
    output,
    confidence: success ? confidenceOf(output ?? "") : 0,
    duration_ms,
    state,
    error,
    success,
  });
}

function endOf({ success, confidence, duration_ms, output, error }: SpecialistResult) {
  return {
    success,
    confidence,
    duration_ms,
    output_length: success ? lengthOf(output) : 0,
    error,
    ...success && { output_preview: shown(output ?? "", 200) },
  };
}

const PAIR = ["multiagent.specialist.started", "multiagent.specialist.completed"] as const;
