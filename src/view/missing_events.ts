import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { type Fields, numberIn } from "./payload.ts";

/**
 * How many events a reader misses by a `bus.gap`.
 *
 * A gap after a position of several runs says what may be missing of a run at most, from its first event on, because
 * the position does not say how far that run was read. Of those, only what comes after the last event is missing. Where
 * delivery starts over, there is no such event.
 *
 * @param lastEventId The last event of the run that the reader has.
 */
export function missingEvents(gap: StreamEvent, lastEventId: string | null): number {
  const data: Fields = gap.data;
  const count = Math.max(0, numberIn(data, "count") ?? 0);
  if (data.reason === "unknown_cursor" || data.reason === "new_epoch") return count;
  const to = parseEventId(gap.event_id);
  const last = lastEventId === null ? null : parseEventId(lastEventId);
  if (to === null || last?.epoch !== to.epoch) return count;
  return Math.max(0, Math.min(count, to.seq - last.seq));
}
