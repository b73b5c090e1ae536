import type { ClientError } from "./client_error.ts";

/**
 * Where a follower is.
 *
 * - `idle`: nobody has asked for an event yet, so there is no connection.
 * - `connecting`: the server was asked, and has not answered.
 * - `live`: there is a connection.
 * - `waiting`: there is none, and there will be a new attempt.
 * - `ended`: it is over; see `ended`.
 */
export type FollowPhase = "idle" | "connecting" | "live" | "waiting" | "ended";

/**
 * Why a follower is over.
 *
 * - `closed`: the run was closed, and everything was delivered, `bus.end` last.
 * - `nothing_left`: the server has nothing more to say, and said so with a 204, without a terminal event: the
 *   run was closed, and nothing came after the event that was resumed after.
 * - `left`: its reader left the loop.
 * - `aborted`: its signal was.
 * - `failed`: for the reason in `error`, which the iteration threw.
 */
export type FollowEnd =
  | { readonly reason: "closed" | "nothing_left" | "left" | "aborted" }
  | { readonly reason: "failed"; readonly error: unknown };

/** How it stands with a follower: what a status line shows, and what a program can decide by. */
export interface FollowState {
  /** Where it is. */
  readonly phase: FollowPhase;
  /** Why it is over; null while it is not. */
  readonly ended: FollowEnd | null;
  /** It would resume after this: hand it as `after` to another follower. Null if there is nothing yet. */
  readonly lastEventId: string | null;
  /** Connections that were opened after the first. */
  readonly reconnects: number;
  /** Attempts that failed in a row. It is zero again when an event has been delivered. */
  readonly failures: number;
  /** Why there is no connection; null while there is one, before the first, and at a good end. */
  readonly cause: ClientError | null;
  /** How long it waits before the next attempt, in milliseconds; null while it does not. */
  readonly waitMs: number | null;
  /** Events that were delivered, gaps and the end among them. */
  readonly events: number;
  /** Events that the gaps among them said are missing. */
  readonly missedEvents: number;
  /** How often delivery started anew, because the server no longer knew the place. */
  readonly restarts: number;
  /** Events that came again, and were not delivered again. */
  readonly duplicates: number;
  /** Messages that were no valid event, and were skipped. */
  readonly invalidEvents: number;
}
