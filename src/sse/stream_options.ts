import { checkSignal } from "../core/checks.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { WireEvent } from "./encoder.ts";
import type { TakeOver } from "./wire_writer.ts";

/** Where an error that is reported came up, and how it can be found. */
export interface StreamErrorContext {
  /** In the stream itself, after it was opened. */
  readonly stage: "stream";
  /** All that the client gets to know of it, in a `bus.error` event. */
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
   * After how long the response ends, in milliseconds, at the next heartbeat, so that permissions are checked
   * again; `Infinity` for never. Clients reconnect and resume.
   *
   * @default {900000}
   */
  maxLifetimeMs?: number;
  /**
   * How long a client may leave what it was sent unread, in milliseconds, until its connection is cut, at the
   * next heartbeat; `Infinity` for ever. It comes back and resumes.
   *
   * @default {30000}
   */
  writeTimeoutMs?: number;
  /**
   * Called when a stream failed. What it throws is dropped.
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
  readonly writeTimeoutMs: number;
  readonly onError: (error: unknown, context: StreamErrorContext) => void;
  /** Asks again whether the client may read on. */
  readonly permit?: StreamPermit;
  /** Aborted when a newer stream of the same client takes this one's place. */
  readonly replaced?: AbortSignal;
  /** Called once, when nothing of the response is held any more. */
  readonly onRelease?: () => void;
  /** The response that is going to be this stream, unless something in between makes another of it. */
  readonly takeOver?: TakeOver;
  /** What is written first, in place of what tells a reader of events how the subscription started. */
  readonly opening?: readonly Uint8Array<ArrayBuffer>[];
  /** What an event is on this wire, `bus.end` and `bus.gap` too. @default {{@linkcode encodeEvent}} */
  readonly encode?: (event: WireEvent) => Uint8Array<ArrayBuffer>;
  /** What a failure is on this wire, by its correlation id. @default {a `bus.error`} */
  readonly encodeFailure?: (correlationId: string) => Uint8Array<ArrayBuffer>;
}

/** A permission to read that has to be renewed. */
export interface StreamPermit {
  /** Whether it still holds. Anything but `true` ends the stream, and so do a failure and 5 seconds of silence. */
  readonly renew: () => boolean | Promise<boolean>;
  /** How long after a question to ask the next, in milliseconds; `Infinity` for never. */
  readonly everyMs: number;
}

/** Checks what a user hands in; `owner` is named in the errors. */
export function checkStreamOptions(owner: string, options: EventStreamOptions): StreamSettings {
  checkOptions(owner, options, [
    "signal",
    "heartbeatMs",
    "maxLifetimeMs",
    "writeTimeoutMs",
    "onError",
  ]);
  const { signal, heartbeatMs = 5_000, onError = printError } = options;
  checkSignal(owner, signal);
  if (!Number.isInteger(heartbeatMs) || heartbeatMs < 10 || heartbeatMs > 60_000) {
    throw new RangeError(
      `${owner}: "heartbeatMs" must be a whole number from 10 to 60000, got ${
        describe(heartbeatMs)
      }`,
    );
  }
  const maxLifetimeMs = checkDuration(owner, "maxLifetimeMs", options.maxLifetimeMs, 15 * 60_000);
  const writeTimeoutMs = checkDuration(owner, "writeTimeoutMs", options.writeTimeoutMs, 30_000);
  checkFunction(owner, "onError", onError);
  return { signal, heartbeatMs, maxLifetimeMs, writeTimeoutMs, onError };
}

/** @throws {RangeError} If `value` is not a number of at least 1; `Infinity` is one. */
export function checkDuration(
  owner: string,
  name: string,
  value: number | undefined,
  byDefault: number,
): number {
  if (value === undefined) return byDefault;
  if (typeof value !== "number" || !(value >= 1)) {
    throw new RangeError(
      `${owner}: "${name}" must be a number of at least 1, got ${describe(value)}`,
    );
  }
  return value;
}

function printError(error: unknown, { correlationId }: StreamErrorContext): void {
  console.error(`Locus: an event stream failed (${correlationId}):`, error);
}
