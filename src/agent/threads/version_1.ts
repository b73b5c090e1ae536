/** Threads that were stored before each feature kept a part of its own. */

import { isRecord } from "../../core/json.ts";

/**
 * The data of a snapshot of version 1 in the form of version 2. Nothing is checked here, but what `progress` lacks is
 * missing in the result.
 */
export function fromVersion1(data: unknown): unknown {
  if (!isRecord(data) || !isRecord(data.progress)) return data;
  const { progress, ...rest } = data;
  const { grounding, causes, reflexion_evaluations, unverified_write, ...counters } = progress;
  const features = {
    completion: { unverified_write },
    ...isStored(grounding) && { grounding },
    ...isStored(causes) && { causal: causes },
    reflexion: { evaluations: reflexion_evaluations },
  };
  return { ...rest, paused: toPaused(rest.paused), counters, features };
}

/** One call could ask, and none waited for it. */
function toPaused(paused: unknown): unknown {
  if (!isRecord(paused)) return paused;
  const { index, input, approval, question, answers, waits, ...rest } = paused;
  const { tool_span_id, ...place } = isRecord(waits) ? waits : {};
  const call = { index, input, approval, question, answers, span_id: tool_span_id ?? null };
  return { ...rest, open: [call], waits: isRecord(waits) ? place : null };
}

function isStored(part: unknown): boolean {
  return part !== undefined && part !== null;
}
