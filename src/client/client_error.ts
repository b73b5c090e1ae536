/**
 * What went wrong, as a program may want to tell it apart.
 *
 * - `refused`: the server answered with a status that is no yes; see `status`.
 * - `unreachable`: there was no answer, or the headers for the request could not be made.
 * - `bad_answer`: the answer is of another kind: not an event stream, not the JSON that was expected.
 * - `cut_off`: the connection ended before the run did.
 * - `silent`: nothing came for so long that the connection must be dead.
 * - `server_failed`: the server said so, with a `correlationId`.
 * - `too_long`: more was sent at once than the reader allows.
 * - `bad_event`: a message is not a valid event.
 */
export type ClientErrorCode =
  | "refused"
  | "unreachable"
  | "bad_answer"
  | "cut_off"
  | "silent"
  | "server_failed"
  | "too_long"
  | "bad_event";

/** What a {@linkcode ClientError} knows besides its message. */
export interface ClientErrorOptions {
  /** What it came from. */
  cause?: unknown;
  /** The status of the answer. */
  status?: number;
  /** How long the server asks to be left alone, in milliseconds. */
  retryAfterMs?: number | null;
  /** Under which id the server's log has the cause. */
  correlationId?: string;
}

/**
 * A server did not do what was asked of it. The message names the URL without its query, and never a
 * header, so that it can be logged.
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
  /** The class's name, also where classes are renamed to make them smaller. */
  override readonly name = "ClientError";
  /** What went wrong. */
  readonly code: ClientErrorCode;
  /** The status of the answer; null if it is not about one. */
  readonly status: number | null;
  /** How long the server asks to be left alone, in milliseconds; null if it does not say. */
  readonly retryAfterMs: number | null;
  /** Under which id the server's log has the cause; null if the server did not say. */
  readonly correlationId: string | null;

  /** Made by the client, and by whoever stands in for it in a test. */
  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    const { cause, status = null, retryAfterMs = null, correlationId = null } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.correlationId = correlationId;
  }
}

/** Whether it may pass, so that asking again makes sense. */
export function mayPass({ code, status }: ClientError): boolean {
  switch (code) {
    case "refused":
      return status !== null && (status >= 500 || PASSING.includes(status));
    case "unreachable":
    case "cut_off":
    case "silent":
    case "server_failed":
      return true;
    default:
      return false;
  }
}

/** A timeout, a request that came too early, and one of too many. */
const PASSING: readonly number[] = [408, 425, 429];
