import type { BusEnd, BusError, BusGap } from "../events/catalogue/mod.ts";
import { formatEventId, parseEventId } from "../events/identifiers.ts";
import type { Envelope } from "../events/stream_event.ts";
import { toTimestamp } from "../core/timestamp.ts";
import { encodeFrame, type WireEvent } from "./encoder.ts";

/** What a subscription tells of the run that it read to the end. */
export interface ReadRun {
  readonly runId: string;
  readonly cursor: string;
}

/**
 * The event that ends a run on the wire. Its place is one past the last event's: nothing else can have
 * it, and a bus asked to resume there knows that nothing is missing.
 */
export function makeEnd({ runId, cursor }: ReadRun): Envelope<"bus.end", BusEnd> {
  const last = parseEventId(cursor);
  const eventId = last === null ? cursor : formatEventId(last.epoch, last.seq + 1);
  return makeControl("bus.end", eventId, runId, {
    last_event_id: last?.seq === 0 ? null : cursor,
  });
}

/** The event that tells a reader of all runs that its cursor is of no use: they are live only. */
export function makeRestart({ runId, cursor }: ReadRun): Envelope<"bus.gap", BusGap> {
  return makeControl("bus.gap", cursor, runId, {
    from_seq: 1,
    to_seq: 0,
    count: 0,
    reason: "unknown_cursor",
  });
}

/**
 * The frame that ends a stream which failed. It has no `id`, so that whoever comes back resumes after
 * the last event that arrived.
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
