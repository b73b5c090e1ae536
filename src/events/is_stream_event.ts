import { isControlEventType, isEventType, isRunId, parseEventId } from "./identifiers.ts";
import type { StreamEvent } from "./stream_event.ts";

// What `Date.parse()` takes beside ISO 8601 may hold anything: it reads over what is in parentheses.
const TIME = /^[+-]?\d{4,6}-[\dTZ:. +-]{1,40}$/i;

/** Whether a value of unknown origin is an event; its payload may be any object. */
export function isStreamEvent(value: unknown): value is StreamEvent {
  if (typeof value !== "object" || value === null) return false;
  const { event_id, run_id, event_type, timestamp, data } = value as Record<string, unknown>;
  return typeof event_id === "string" && parseEventId(event_id) !== null &&
    // A gap in a stream of all runs is of none of them.
    (isRunId(run_id) || run_id === "*") &&
    (isEventType(event_type) || isControlEventType(event_type)) &&
    typeof timestamp === "string" && TIME.test(timestamp) &&
    !Number.isNaN(Date.parse(timestamp)) &&
    typeof data === "object" && data !== null;
}
