import { capture, type Captured } from "../../core/capture.ts";
import { type EventLog, LogEntry, makeGap } from "../../core/event_log.ts";
import { isEventType } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { StoredEvent } from "./store.ts";

/**
 * An entry of the local log of what the store holds; null if that cannot be an event. Whoever can write to the
 * store can write anything there.
 */
export function toEntry(
  log: EventLog,
  { seq, type, time, data }: StoredEvent,
  maxEventBytes: number,
): LogEntry | null {
  if (!isEventType(type) || !isTime(time)) return null;
  const captured = read(data, maxEventBytes);
  if (captured === null) return null;
  return new LogEntry(log, seq, type, time, time, captured.data, captured.bytes);
}

/** Stands where events are gone, or are none: its readers get a gap. */
export class HoleEntry extends LogEntry {
  readonly #from: number;

  constructor(log: EventLog, from: number, to: number = from) {
    super(log, to, "bus.gap", 0, 0, {}, 0);
    this.#from = from;
  }

  override get event(): StreamEvent {
    return makeGap(this.log, this.#from, this.seq, "evicted") as StreamEvent;
  }
}

function read(data: unknown, maxEventBytes: number): Captured | null {
  // What was published within the bounds is no longer: JSON writes one character as six at most.
  if (typeof data !== "string" || data.length > 4 * maxEventBytes) return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? capture(value, maxEventBytes) : null;
  } catch {
    return null;
  }
}

// The range of a `Date`.
const MAX_TIME = 8.64e15;

function isTime(time: unknown): time is number {
  return typeof time === "number" && Number.isInteger(time) && Math.abs(time) <= MAX_TIME;
}
