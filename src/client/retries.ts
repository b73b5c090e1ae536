import { describe } from "../core/options.ts";
import { backoffMs } from "./backoff.ts";
import type { ClientError } from "./client_error.ts";
import type { FollowFailure } from "./follow_options.ts";

/** Counts the attempts that fail in a row, and decides how long to wait before the next one. */
export class Retries {
  /** How many attempts have failed in a row. */
  failures = 0;
  /** What the server asks for in `retry:`, in milliseconds. */
  askedMs: number | null = null;
  readonly #owner: string;
  readonly #retry: (failure: FollowFailure) => number | null;

  constructor(owner: string, retry: (failure: FollowFailure) => number | null) {
    this.#owner = owner;
    this.#retry = retry;
  }

  /** The server is well: an event came, or a heartbeat. How long a connection lasted says nothing. */
  succeeded(): void {
    this.failures = 0;
  }

  /**
   * How long to wait after a failure, in milliseconds; null to give up.
   *
   * @throws {TypeError} If the user's `retry` answers something else.
   */
  failed(cause: ClientError): number | null {
    const failures = ++this.failures;
    const proposedMs = backoffMs(failures, cause.retryAfterMs ?? this.askedMs, Math.random());
    const waitMs = this.#retry({ cause, failures, waitMs: proposedMs });
    if (waitMs === null || (typeof waitMs === "number" && waitMs >= 0)) return waitMs;
    throw new TypeError(
      `${this.#owner}: "retry" must return milliseconds or null, got ${describe(waitMs)}`,
    );
  }
}
