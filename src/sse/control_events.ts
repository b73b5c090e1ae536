import type { BusEnd, BusError, BusLive } from "../events/catalogue/bus.ts";
import { formatEventId, parseEventId } from "../events/identifiers.ts";
import type { Envelope } from "../events/stream_event.ts";
import { toTimestamp } from "../core/timestamp.ts";
import { encodeFrame, type WireEvent } from "./encoder.ts";

/** The run of a subscription, and its cursor. */
export interface ReadRun {
  readonly runId: string;
  readonly cursor: string;
}

/**
 * The event that ends a run on the wire. Its sequence is one past the last event's: no other event can have it, and a
 * bus that resumes there knows that nothing is missing.
 */
export function makeEnd({ runId, cursor }: ReadRun): Envelope<"bus.end", BusEnd> {
  const last = parseEventId(cursor);
  const eventId = last === null ? cursor : formatEventId(last.epoch, last.seq + 1);
  return makeControl("bus.end", eventId, runId, {
    last_event_id: last?.seq === 0 ? null : cursor,
  });
}

/** The frame that says that everything that was there has been sent, up to `cursor`; with that as its `id` if it has one. */
export function encodeLive({ runId, cursor }: ReadRun): Uint8Array<ArrayBuffer> {
  const data: BusLive = { cursor };
  const event: WireEvent = makeControl("bus.live", cursor, runId, data);
  return encodeFrame({
    id: positionOf(runId, cursor),
    event: "bus.live",
    data: JSON.stringify(event),
  });
}

/**
 * A place that a client can come back to without a gap. A run without events has none: until it begins, the bus may forget
 * that it was waited for.
 */
export function positionOf(runId: string, cursor: string): string | undefined {
  return runId === ALL_RUNS || (parseEventId(cursor)?.seq ?? 0) > 0 ? cursor : undefined;
}

/** What a subscription to all or several runs has for a run. */
export const ALL_RUNS = "*";

/**
 * The frame that ends a failed stream. It has no `id`, so that the client resumes after the last event that arrived.
 */
export function encodeError(runId: string, correlationId: string): Uint8Array<ArrayBuffer> {
  const data: BusError = { correlation_id: correlationId };
  const event: WireEvent = makeControl("bus.error", correlationId, runId, data);
  return encodeFrame({ event: "bus.error", data: JSON.stringify(event) });
}

function makeControl<T extends string, D>(
  eventType: T,
  eventId: string,
  runId: string,
  data: D,
): Envelope<T, D> {
  return {
    event_id: eventId,
    run_id: runId,
    event_type: eventType,
    timestamp: toTimestamp(Date.now()),
    data,
  };
}
