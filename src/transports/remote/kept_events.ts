import { copyPayload } from "../../core/copy_payload.ts";
import type { OutgoingEvent } from "./store.ts";

/** How a run began and ended: what is kept of it as long as the run, beside its history. */
export type KeptName = "started" | "completed";

export interface KeptEvent {
  readonly name: KeptName;
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly event: OutgoingEvent;
}

export const KEPT_TYPES = { started: "run.started", completed: "run.completed" } as const;

/** The first `run.started` of a batch, and its last `run.completed`, if it has any. */
export function keptOf(events: readonly OutgoingEvent[]): KeptEvent[] {
  const kept: KeptEvent[] = [];
  const keep = (name: KeptName, index: number) => {
    if (index >= 0) kept.push({ name, index, event: shorten(events[index]!) });
  };
  keep("started", events.findIndex(({ type }) => type === KEPT_TYPES.started));
  keep("completed", events.findLastIndex(({ type }) => type === KEPT_TYPES.completed));
  return kept;
}

const MAX_KEPT_BYTES = 16 * 1024;
/** Letters of the payload of a kept event at most: JSON writes a few as six. */
export const MAX_KEPT_CHARS = 6 * MAX_KEPT_BYTES;

function shorten(event: OutgoingEvent): OutgoingEvent {
  // As `copyPayload()` estimates.
  if (2 * event.data.length <= MAX_KEPT_BYTES) return event;
  const { data } = copyPayload(JSON.parse(event.data), MAX_KEPT_BYTES);
  return { ...event, data: JSON.stringify(data) };
}
