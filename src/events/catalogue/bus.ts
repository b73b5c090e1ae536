/**
 * What the bus itself says to one reader. Control events are never stored in a log.
 *
 * @module
 */

import type { EventRows } from "./rows.ts";

/**
 * Events are missing from what this reader gets: it was too slow, came too late, or asked to resume
 * from a place that is not known.
 *
 * Delivered events and the counts of all gaps add up exactly.
 */
export interface BusGap {
  /** Sequence of the first missing event. */
  from_seq: number;
  /** Sequence of the last missing event; `from_seq - 1` if none is missing. */
  to_seq: number;
  /** How many events are missing: `to_seq - from_seq + 1`. Of the run `*` on NATS, how many messages of the stream. */
  count: number;
  /**
   * - `lagged`: this reader was overtaken by the live stream.
   * - `evicted`: the events had left the history before this reader asked for them.
   * - `unknown_cursor`: the reader asked to resume after an event that this run never had.
   * - `new_epoch`: the reader's place belongs to an earlier incarnation of the run's log; the
   *   delivery starts again.
   */
  reason: "lagged" | "evicted" | "unknown_cursor" | "new_epoch";
}

/** The run is closed and this reader has everything (on the wire only). */
export interface BusEnd {
  /** The last event of the run, as its `event_id`; null if the run had none. */
  last_event_id: string | null;
}

/** Everything that was there when the stream was opened has been delivered; what comes now is live (on the wire only). */
export interface BusLive {
  /** Where the stream stands, as a client sends it back: `Last-Event-ID`, or `after`. */
  cursor: string;
}

/** The server failed to go on with this stream (on the wire only). */
export interface BusError {
  /** Find the cause in the server's log under this id; it is not sent. */
  correlation_id: string;
}

/** The payload of every `bus.*` event. */
export type BusEvents = {
  "bus.gap": BusGap;
  "bus.end": BusEnd;
  "bus.live": BusLive;
  "bus.error": BusError;
};

/** The documentation of every `bus.*` event. */
export const busEvents: EventRows<BusEvents> = {
  "bus.gap": {
    summary: "Events are missing from what this reader gets.",
    note: "In its place in the stream, before the event that follows the gap.",
  },
  "bus.end": {
    summary: "The run is closed and the reader has everything.",
    note: "On the wire only; in process the stream simply ends.",
  },
  "bus.live": {
    summary: "Everything that was there when the stream was opened has been delivered.",
    note: "On the wire only, once for each connection, unless the run is closed by then.",
  },
  "bus.error": {
    summary: "The server failed to go on with this stream.",
    note: "On the wire only, and without the cause.",
  },
};
