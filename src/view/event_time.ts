import type { StreamEvent } from "../events/stream_event.ts";

/**
 * When an event happened, in milliseconds since 1970; null if it has no time of its own.
 *
 * A `bus.*` event has none: its timestamp is the moment at which a bus or a server spoke to one subscriber, which
 * may be long after the run was over.
 */
export function eventTime({ event_type: type, timestamp }: StreamEvent): number | null {
  const time = type.startsWith("bus.") ? NaN : Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}
