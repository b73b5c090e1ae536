/**
 * The event that is published everywhere in the benches.
 *
 * @module
 */

/** A payload as most are: a few primitive values. */
export interface Payload {
  /** Counts from 0, so that a reader knows what has to come next. */
  n: number;
  tool_name: string;
  success: boolean;
}

/** What a peer's user would publish: our five keys, in their cheapest form. */
export interface PeerEvent {
  /** A number where nothing else is said; ours is a text, made when it is first read. */
  event_id: number | string;
  run_id: string;
  event_type: string;
  /** Milliseconds where nothing else is said; ours is an ISO date, made when it is first read. */
  timestamp: number | string;
  data: Payload;
}

export const RUN_ID = "bench-run";
export const EVENT_TYPE = "bench.tick";

export function makePayload(n: number): Payload {
  return { n, tool_name: "search", success: true };
}

/** The event for a peer. Ours gets the payload and makes the rest itself. */
export function makeEvent(n: number): PeerEvent {
  return {
    event_id: n + 1,
    run_id: RUN_ID,
    event_type: EVENT_TYPE,
    timestamp: Date.now(),
    data: makePayload(n),
  };
}
