/**
 * What a failure of a model means, by the shape of the error: the providers of one program may bring several copies of the
 * AI SDK's error class, and what comes within a stream is not one of these.
 */

import { isRecord } from "../../core/options.ts";
import { ContextOverflowError } from "../state/errors.ts";
import { parseRetryAfter } from "../../core/retry_after.ts";

/** Whether a call that failed like this will fail again, if it is made again as it is. */
export function willFailAgain(error: unknown): boolean {
  for (const { name, statusCode, status, isRetryable, type, code } of chainOf(error)) {
    if (name === "ContextOverflowError") return true;
    if (name === "ModelResponseError" && isRetryable === false) return true;
    const number = statusCode ?? status ?? code;
    if (typeof number === "number" && number >= 400 && number < 500) {
      return ![408, 409, 429].includes(number);
    }
    if ([type, code, status].some((word) => typeof word === "string" && REFUSALS.test(word))) {
      return true;
    }
  }
  return false;
}

// As providers name what is wrong with the request: invalid_request_error, PERMISSION_DENIED, context_length_exceeded.
const REFUSALS =
  /invalid|authentication|permission|not_found|context_length|too_large|quota|billing/i;

/** The error as the agent passes it on: that the conversation is too long is said in as many ways as there are providers. */
export function asModelError(error: unknown): unknown {
  for (const { statusCode, status, code, type, message } of chainOf(error)) {
    // A limit of tokens a minute is one that passes.
    if ((statusCode ?? status) === 429) return error;
    const words = [code, type, message].filter((word) => typeof word === "string");
    const found = words.find((word) => OVERFLOW.test(word));
    if (found === undefined) continue;
    const said = (typeof message === "string" ? message : found).split("\n", 1)[0]!.slice(0, 500);
    return new ContextOverflowError(`The conversation is too long for the model: ${said}`, error);
  }
  return error;
}

/**
 * `context_length_exceeded` (OpenAI, Groq), "maximum context length is" (OpenAI, Mistral, vLLM, OpenRouter), "exceeds the
 * context window" (OpenAI), "prompt is too long" and "exceed context limit" (Anthropic), "exceeds the maximum number of
 * tokens allowed" (Google), "Input is too long" (Bedrock), "maximum prompt length is" (xAI), "too many tokens" (Cohere),
 * "exceeds the available context size" (llama.cpp).
 */
const OVERFLOW = new RegExp(
  [
    "context[ _](length|size)[ _]exceeded",
    "exceed(s|_|ed)?( the)?( available)?[ _]context[ _](window|limit|size)",
    "maximum (context|prompt) length",
    "(prompt|input) is too long",
    "exceeds the maximum number of tokens",
    "too many tokens",
  ].join("|"),
  "i",
);

/** What an error says, and what it came from says: clients wrap. What cannot be read is left out. */
export function* chainOf(error: unknown): Generator<ErrorFields> {
  let current = error;
  for (let depth = 0; depth < 5 && isRecord(current); depth++) {
    const fields = fieldsOf(current);
    yield fields;
    current = fields.lastError ?? fields.cause ?? fields.error;
  }
}

type ErrorFields = { [Name in typeof FIELDS[number]]?: unknown };

function fieldsOf(error: Record<string, unknown>): ErrorFields {
  const fields: ErrorFields = {};
  for (const name of FIELDS) {
    try {
      fields[name] = error[name];
    } catch {
      // A model may throw anything, and what it threw is what has to be passed on.
    }
  }
  return fields;
}

const FIELDS = [
  "name",
  "message",
  "statusCode",
  "status",
  "type",
  "code",
  "isRetryable",
  "responseHeaders",
  "lastError",
  "cause",
  "error",
] as const;

export type PassingFailure = "rate_limit" | "timeout" | "server_error";

/** Null for what does not pass. Errors without a status are network failures if they say that they can be retried. */
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
