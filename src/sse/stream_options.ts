import { checkSignal } from "../core/checks.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";

/** Where an error that is reported came up, and how it can be found. */
export interface StreamErrorContext {
  /** In the stream itself, after it was opened. */
  readonly stage: "stream";
  /** All that the reader is told, in a `bus.error` event. */
  readonly correlationId: string;
}

/** Options of {@linkcode eventStreamResponse}. */
export interface EventStreamOptions {
  /** Ends the response when aborted: give it the request's own. */
  signal?: AbortSignal;
  /**
   * How often a comment is sent, in milliseconds, from 10 to 60000: it keeps the connection open, and
   * finds out whether it still is. Bun closes a connection that is quiet for 10 seconds.
   *
   * @default {5000}
   */
  heartbeatMs?: number;
  /**
   * After how long the response ends, in milliseconds, at the next heartbeat, so that whoever may not
   * read any more is asked again; `Infinity` for never. Readers come back and resume.
   *
   * @default {900000}
   */
  maxLifetimeMs?: number;
  /**
   * Told why a stream failed. What it throws is dropped.
   *
   * @default {a handler that prints to the console}
   */
  onError?: (error: unknown, context: StreamErrorContext) => void;
}

/** The options, checked and complete; to be had before there is a request. */
export interface StreamSettings {
  readonly signal: AbortSignal | undefined;
  readonly heartbeatMs: number;
  readonly maxLifetimeMs: number;
  readonly onError: (error: unknown, context: StreamErrorContext) => void;
}

/** Checks what a user hands in; `owner` is named in the errors. */
export function checkStreamOptions(owner: string, options: EventStreamOptions): StreamSettings {
  checkOptions(owner, options, ["signal", "heartbeatMs", "maxLifetimeMs", "onError"]);
  const { signal, heartbeatMs = 5_000, maxLifetimeMs = 15 * 60_000, onError } = options;
  checkSignal(owner, signal);
  if (!Number.isInteger(heartbeatMs) || heartbeatMs < 10 || heartbeatMs > 60_000) {
    throw new RangeError(
      `${owner}: "heartbeatMs" must be a whole number from 10 to 60000, got ${
        describe(heartbeatMs)
      }`,
    );
  }
  if (typeof maxLifetimeMs !== "number" || !(maxLifetimeMs >= 1)) {
    throw new RangeError(
      `${owner}: "maxLifetimeMs" must be a number of at least 1, got ${describe(maxLifetimeMs)}`,
    );
  }
  checkFunction(owner, "onError", onError);
  return { signal, heartbeatMs, maxLifetimeMs, onError: onError ?? printError };
}

function printError(error: unknown, { correlationId }: StreamErrorContext): void {
  console.error(`Locus: an event stream failed (${correlationId}):`, error);
}
