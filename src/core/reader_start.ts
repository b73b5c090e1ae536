import type { BusGap } from "../events/catalogue/mod.ts";
import { parseEventId } from "../events/identifiers.ts";
import type { Recovery } from "./bus.ts";
import type { EventLog } from "./event_log.ts";

/** Where and how a reader starts. */
export interface ReaderStart {
  /** Position of the last event that this reader is not to get. */
  readonly cursor: number;
  readonly recovery: Recovery;
  /** Announce that everything up to `cursor` is missing, for this reason, before anything else. */
  readonly announce?: BusGap["reason"];
}

/** Where a reader starts that wants only what comes. */
export function startLive(log: EventLog): ReaderStart {
  return { cursor: log.head, recovery: "none" };
}

/** Where a reader starts that wants the last `historyPerRun` events first. */
export function startFromHistory(log: EventLog, historyPerRun: number): ReaderStart {
  const cursor = Math.max(log.tail - 1, log.head - historyPerRun);
  // Whoever comes too late is told what it missed.
  return cursor === 0
    ? { cursor, recovery: "none" }
    : { cursor, recovery: "none", announce: "evicted" };
}

/** Where a reader goes on that had everything up to the event `after`. */
export function resumeAfter(log: EventLog, after: string): ReaderStart {
  const cursor = parseEventId(after);
  const restart = { cursor: log.tail - 1, recovery: "restarted" } as const;
  if (cursor === null) return { ...restart, announce: "unknown_cursor" };
  if (cursor.epoch !== log.epoch) return { ...restart, announce: "new_epoch" };
  // A closed run ends one past its last event: on the wire, its `bus.end` has that place.
  const end = log.ended === null ? log.head : log.head + 1;
  if (cursor.seq > end) return { ...restart, announce: "unknown_cursor" };
  const recovery = cursor.seq < log.tail - 1 ? "gap" : "exact";
  return { cursor: Math.min(cursor.seq, log.head), recovery };
}
