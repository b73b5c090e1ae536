/** What went wrong with a model call, by the shape of the error. */

import { parseRetryAfter } from "../../../core/retry_after.ts";
import { chainOf } from "../../model/failures.ts";
import { isRecord } from "../../../core/json.ts";

/** Failures that pass. */
export type PassingFailure = "rate_limit" | "timeout" | "server_error";

/**
 * What kind of failure this is, if it is one that passes; null for all others.
 *
 * By structure, not by class: the providers of one program may bring several copies of the AI SDK's error
 * class. Errors without a status are network failures if they say that they can be retried.
 */
export function classifyModelError(error: unknown): PassingFailure | null {
  for (const { name, statusCode, status, isRetryable } of chainOf(error)) {
    if (name === "ContextOverflowError") return null;
    const code = statusCode ?? status;
    if (code === 429) return "rate_limit";
    if (code === 408 || code === 504 || TIMEOUTS.includes(String(name))) return "timeout";
    if (typeof code === "number" && code >= 500) return "server_error";
    if (isRetryable === true) return "server_error";
  }
  return null;
}

const TIMEOUTS = ["TimeoutError", "ModelTimeoutError"];

/** For how many seconds the server wants to be left alone; null if it does not say. */
export function retryAfterSeconds(error: unknown, now: number = Date.now()): number | null {
  for (const { responseHeaders } of chainOf(error)) {
    const ms = Number(headerOf(responseHeaders, "retry-after-ms") ?? NaN);
    if (Number.isFinite(ms) && ms >= 0) return ms / 1000;
    const seconds = parseRetryAfter(headerOf(responseHeaders, "retry-after"), now);
    if (seconds !== null) return seconds;
  }
  return null;
}

function headerOf(headers: unknown, name: string): string | null {
  if (!isRecord(headers)) return null;
  if (hasGet(headers)) return headers.get(name);
  const key = Object.keys(headers).find((key) => key.toLowerCase() === name);
  return key === undefined ? null : String(headers[key]);
}

function hasGet(headers: object): headers is Pick<Headers, "get"> {
  return "get" in headers && typeof headers.get === "function";
}
