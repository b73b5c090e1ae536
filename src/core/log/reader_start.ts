import type { BusGap } from "../../events/catalogue/bus.ts";
import { type EventCursor, parseEventId } from "../../events/identifiers.ts";
import type { Recovery } from "../bus/bus.ts";
import type { EventLog } from "./event_log.ts";

export interface ReaderStart {
  /** Position of the last event that this reader is not to get. */
  readonly cursor: number;
  readonly recovery: Recovery;
  /** Announce that everything up to `cursor` is missing, for this reason, before anything else. */
  readonly announce?: BusGap["reason"];
  /** The id that it came with, if that means nothing here: until it was told, that is still what it has. */
  readonly after?: string;
  /** Of several runs: the position that it came with, if it came with any. */
  readonly position?: EventCursor | null;
}

/** Where a reader starts that wants only what comes. */
export function startLive(log: EventLog): ReaderStart {
  return { cursor: log.head, recovery: "none" };
}

/**
 * Where a reader starts that wants what the history holds, which is so many events at most; or the last so many of a
 * run, and to be told only if fewer are held.
 */
export function startFromHistory(
  log: EventLog & { readonly isContinued: boolean },
  count: number,
  isLast = false,
): ReaderStart {
  const wanted = log.before(count);
  const cursor = Math.max(log.tail - 1, wanted);
  const start = { cursor, recovery: "none" } as const;
  if (isLast && cursor === wanted) return start;
  // A late reader gets a gap. After an eviction, the bus no longer knows how many events are missing.
  if (log.isContinued) return { ...start, announce: "new_epoch" };
  return cursor === 0 ? start : { ...start, announce: "evicted" };
}

/** Where a reader of several runs goes on in one of them, that had everything of the bus up to that order. */
export function resumeAfterOrder(log: EventLog, order: number): ReaderStart {
  let cursor = log.tail - 1;
  for (let high = log.head; cursor < high;) {
    // Numbers may be larger than those that `>>` takes.
    const middle = Math.ceil((cursor + high) / 2);
    if (log.at(middle).order <= order) cursor = middle;
    else high = middle - 1;
  }
  if (log.droppedOrder <= order) return { cursor, recovery: "exact" };
  // What this log has never had was in an earlier one of the run.
  return { cursor, recovery: "gap", announce: log.tail === 1 ? "new_epoch" : "evicted" };
}

export function resumeAfter(log: EventLog, after: string): ReaderStart {
  const cursor = parseEventId(after);
  const restart = { cursor: log.tail - 1, recovery: "restarted" } as const;
  if (cursor === null) return { ...restart, announce: "unknown_cursor" };
  if (cursor.epoch !== log.epoch) return { ...restart, after, announce: "new_epoch" };
  // A closed run ends one past its last event: on the wire, its `bus.end` has that place.
  const end = log.ended === null ? log.head : log.head + 1;
  if (cursor.seq > end) return { ...restart, after, announce: "unknown_cursor" };
  const recovery = cursor.seq < log.tail - 1 ? "gap" : "exact";
  return { cursor: Math.min(cursor.seq, log.head), recovery };
}
