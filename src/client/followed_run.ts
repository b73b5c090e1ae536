import type { NoEvents, StreamEvent } from "../events/stream_event.ts";
import type { FollowState } from "./follow_state.ts";

/** The events of a followed run, and the state of its connection. A second loop goes on where the first one stopped. */
export interface FollowedRun<E extends object = NoEvents>
  extends AsyncIterableIterator<StreamEvent<E>, undefined, undefined> {
  /** A snapshot of the connection and what it has delivered. */
  readonly state: FollowState;
  /** The next event, or the end. */
  next(): Promise<IteratorResult<StreamEvent<E>, undefined>>;
  /**
   * Connects at once instead of waiting for the next attempt, and replaces a connection that was silent for
   * `idleTimeoutMs`. A page does this by itself when it is shown again or comes back online.
   */
  retryNow(): void;
  /** Closes the connection at once, and ends every pending `next()`. */
  return(): Promise<IteratorResult<StreamEvent<E>, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): this;
}
