import { parseEventId } from "../../events/identifiers.ts";
import { encodeFrame, type WireEvent } from "../../sse/encoder.ts";

/**
 * The block that an entry of a run's log becomes: `id` counts from 1 within the run, `event` is the agent
 * event's own type, `data` the whole of it. Control events (`bus.gap`, `bus.end`) are the same as everywhere, with
 * ids of this count.
 *
 * @param failure The correlation id of a run that failed: it ends with `bus.error` in place of `bus.end`.
 */
export function encodeRunEvent(
  event: WireEvent,
  failure: string | null,
): Uint8Array<ArrayBuffer> {
  const seq = parseEventId(event.event_id)?.seq ?? 0;
  const id = String(seq);
  if (!event.event_type.startsWith("bus.")) {
    return encodeFrame({ id, event: event.event_type, data: JSON.stringify(event.data) });
  }
  const { event_type, data } = event.event_type === "bus.end" ? end(seq, failure) : event;
  return encodeFrame({
    id,
    event: event_type,
    data: JSON.stringify({ ...event, event_id: id, event_type, data }),
  });
}

function end(seq: number, failure: string | null): Pick<WireEvent, "event_type" | "data"> {
  if (failure !== null) return { event_type: "bus.error", data: { correlation_id: failure } };
  return {
    event_type: "bus.end",
    data: { last_event_id: seq === 1 ? null : String(seq - 1) },
  };
}
