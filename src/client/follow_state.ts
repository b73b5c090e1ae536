import type { ClientError } from "./client_error.ts";

/**
 * The phase of a follower.
 *
 * - `idle`: no event was asked for yet, so there is no connection.
 * - `connecting`: the server has not answered yet.
 * - `live`: there is a connection.
 * - `waiting`: there is no connection, and there will be another attempt; `cause` says why.
 * - `ended`: the iteration is over; `ended` says why.
 */
export type FollowPhase = "idle" | "connecting" | "live" | "waiting" | "ended";

/**
 * Why an iteration ended.
 *
 * - `closed`: the run is closed, and everything was delivered, `bus.end` last.
 * - `nothing_left`: the server answered 204. The run is closed, and it has no event after the cursor.
 * - `left`: you left the loop.
 * - `aborted`: the signal was aborted.
 * - `failed`: the iteration threw `error`.
 */
export type FollowEnd =
  | { readonly reason: "closed" | "nothing_left" | "left" | "aborted" }
  | { readonly reason: "failed"; readonly error: unknown };

/** A snapshot of a follower: what a status line shows, and what a program can decide by. */
export interface FollowState {
  /** Its phase. */
  readonly phase: FollowPhase;
  /** Why it ended; null before. */
  readonly ended: FollowEnd | null;
  /** The cursor: pass it to another follower as `after`. Null before the first. */
  readonly lastEventId: string | null;
  /** Connections that were opened after the first. */
  readonly reconnects: number;
  /**
   * Attempts that failed in a row. A new event or a heartbeat resets it; how long a connection lasted doesn't.
   */
  readonly failures: number;
  /** Why there is no connection; null while there is one, before the first, and at a good end. */
  readonly cause: ClientError | null;
  /**
   * How long it waits before the next attempt, in milliseconds. Null in other phases, and while it waits for other
   * streams of the browser (`cause.code` is `crowded`).
   */
  readonly waitMs: number | null;
  /** Events that were delivered, including gaps and the end. */
  readonly events: number;
  /** Events that are missing according to the gaps. */
  readonly missedEvents: number;
  /** How often delivery started over because the server no longer knew the cursor. */
  readonly restarts: number;
  /** Events that were sent again and not delivered again. */
  readonly duplicates: number;
  /** Messages that were skipped because they are too long, or not a valid event. */
  readonly invalidEvents: number;
}
