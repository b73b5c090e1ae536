/** A team at work: one span, its limits, and its thread. */

import { summarize } from "../core/error_text.ts";
import { ambientRun } from "../core/run/run_context.ts";
import type { AnyRun } from "../core/run/run.ts";
import { beginSpan, openTold } from "../core/run/told_span.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { type Limits, withinLimits } from "./limits.ts";
import type { Member, WorkPlace } from "./member.ts";
import type { ThreadRunOptions } from "./run_options.ts";
import { inThread, type Once } from "./steps.ts";

/** What a team is, whatever it does. */
export interface Team {
  readonly kind: "orchestrator" | "swarm";
  readonly lead: Member;
  readonly limits: Limits;
  readonly checkpointer: Checkpointer | null;
  /** What its span says at the beginning. */
  attributes?(outer: AnyRun): Readonly<Record<string, unknown>>;
}

/** How it went. */
export interface TeamOutcome {
  /** What a step failed with; null if none did. */
  readonly error: string | null;
  readonly duration_ms: number;
}

/** What a team does, and what it came to so far. */
export interface TeamWork<I, R> {
  go(input: I, once: Once): Promise<void>;
  result(): R;
}

/**
 * Has a team work. A step that fails is in the outcome.
 *
 * @param input What it works on; null to go on with what is in the thread.
 * @param begin Makes the work for a place.
 * @throws The reason of the signal, or what is wrong with the thread.
 */
export async function runTeam<I, R extends object>(
  { kind, lead, limits, checkpointer, attributes }: Team,
  input: I | null,
  { run, signal, threadId }: ThreadRunOptions,
  begin: (place: WorkPlace & { readonly threadId: string | undefined }) => TeamWork<I, R>,
): Promise<R & TeamOutcome> {
  const outer = run ?? ambientRun();
  signal?.throwIfAborted();
  const startedAt = performance.now();
  const kept: string[] = [];
  const known = {
    [`${kind}_id`]: lead.id,
    thread_id: threadId ?? null,
    ...outer && attributes?.(outer),
  };
  const span = openTold(
    outer,
    beginSpan(kind, lead.name, known),
    (isStopped) => isStopped || signal?.aborted ? { success: false, error: "stopped" } : null,
  );
  const place = { run: span.run, signal, threadId, checkpointer, kept };
  const work = begin(place);
  let error: string | null = null;
  let result: R | undefined;
  let hasFailed = false;
  const go = async (input: I, once: Once) => {
    try {
      await work.go(input, once);
      return work.result();
    } catch (thrown) {
      hasFailed = true;
      throw thrown;
    }
  };
  try {
    result = await withinLimits(limits, span.run, () => inThread(lead.name, place, input, go));
  } catch (thrown) {
    error = summarize(signal?.aborted ? signal.reason : thrown);
    // It was stopped, nothing of it has begun, or its end is not kept.
    if (signal?.aborted || !hasFailed) throw thrown;
  } finally {
    span.end({ success: error === null, error, more: { attributes: { kept } } });
  }
  const duration_ms = performance.now() - startedAt;
  return { ...result ?? work.result(), error, duration_ms };
}
