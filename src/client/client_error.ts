/**
 * What went wrong.
 *
 * - `refused`: the server answered with another status than 200; see `status`.
 * - `unreachable`: there was no answer, or `headers` failed.
 * - `bad_answer`: the answer is not an event stream, or not the expected JSON.
 * - `cut_off`: the connection ended before the run did.
 * - `silent`: nothing came for so long that the connection counts as dead.
 * - `server_failed`: the server sent `bus.error`; see `correlationId`.
 * - `too_long`: an event or an answer is longer than allowed.
 * - `crowded`: the browser has as many streams to this host open as they may be; they take turns.
 * - `bad_event`: a message is not a valid event.
 * - `bad_id`: the server sent an `id` that no client can send back.
 */
export type ClientErrorCode =
  | "refused"
  | "unreachable"
  | "bad_answer"
  | "cut_off"
  | "silent"
  | "server_failed"
  | "too_long"
  | "crowded"
  | "bad_event"
  | "bad_id";

/** What a {@linkcode ClientError} has besides its message. */
export interface ClientErrorOptions {
  /** The error behind it. */
  cause?: unknown;
  /** The status of the answer. */
  status?: number;
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs?: number | null;
  /** The id of the cause in the server's log. */
  correlationId?: string;
}

/**
 * An error of a request or a stream. The message has the URL without its query and never a header, so it can be
 * logged.
 *
 * @example Tell a missing permission from a missing network
 * ```ts
 * import { ClientError, runs } from "@locus/core/client";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * const fetch = () => Promise.resolve(new Response(null, { status: 404 }));
 * const error = await runs("https://example.com/locus/runs?key=secret", { fetch }).catch((e) => e);
 * assertInstanceOf(error, ClientError);
 * assertEquals([error.code, error.status], ["refused", 404]);
 * assertEquals(
 *   error.message,
 *   "Cannot list runs at https://example.com/locus/runs: the server answered 404",
 * );
 * ```
 */
export class ClientError extends Error {
  /** The name of the class, even if a bundler renames the class. */
  override readonly name = "ClientError";
  /** What went wrong. */
  readonly code: ClientErrorCode;
  /** The status of the answer; null if there was none. */
  readonly status: number | null;
  /** How long the server asks to wait, in milliseconds; null if it doesn't. */
  readonly retryAfterMs: number | null;
  /** The id of the cause in the server's log; null if the server didn't send one. */
  readonly correlationId: string | null;

  /** Creates an error, for example in a test that replaces the client. */
  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    const { cause, status = null, retryAfterMs = null, correlationId = null } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.correlationId = correlationId;
  }
}

/** Whether another attempt may succeed. */
export function mayPass({ code, status }: ClientError): boolean {
  switch (code) {
    case "refused":
      return status !== null && (status >= 500 || PASSING.includes(status));
    case "unreachable":
    case "cut_off":
    case "silent":
    case "server_failed":
    case "crowded":
      return true;
    default:
      return false;
  }
}

/** A timeout, a request that came too early, and one of too many. */
const PASSING: readonly number[] = [408, 425, 429];
