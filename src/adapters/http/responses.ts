import type { Context } from "hono";
import { reportError } from "../../sse/report_error.ts";
import { randomRetryAfter } from "../../sse/retry_time.ts";
import { isError } from "../../runtime/realm.ts";

/** The answers that carry an error. */
export type ErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 413
  | 415
  | 422
  | 500
  | 503;

/** An answer that the client is to blame for, or that the server cannot give now. Its message is sent. */
export class Refusal extends Error {
  readonly status: ErrorStatus;
  /** Headers that the answer has beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ErrorStatus,
    message: string,
    headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.headers = headers;
  }
}

/** For what cannot be had now, but soon. */
export function tryAgainLater(reason: string): Refusal {
  return new Refusal(503, `${reason}; try again later`, { "Retry-After": randomRetryAfter() });
}

/** Answers for whatever was thrown; only what is not a {@linkcode Refusal} is reported. */
export function answerError(
  c: Context,
  error: unknown,
  report: (error: unknown) => string,
): Response {
  exposeError(c, error);
  if (error instanceof Refusal) {
    return json(c, error.status, { error: error.message }, error.headers);
  }
  return json(c, 500, { error: "Internal error", correlation_id: report(error) });
}

/**
 * Puts what was thrown where middleware looks for it, as if the route had thrown it. For a {@linkcode Refusal}
 * that is its cause, such as the error by which `hono/body-limit` knows that the body was too large.
 */
export function exposeError(c: Context, error: unknown): void {
  const cause = error instanceof Refusal ? error.cause : error;
  if (isError(cause)) c.error = cause;
}

/** A JSON response that is not cached, and that no browser takes for another type. */
export function json(
  c: Context,
  status: 200 | 202 | ErrorStatus,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // A copy, as the first versions of Hono 4 take no bare `object`.
  return c.json({ ...body }, status, { ...JSON_HEADERS, ...headers });
}

const JSON_HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

/** Reports errors of one stage: {@linkcode reportError}. */
export function createReporter<S extends string>(
  stage: S,
  onError: (error: unknown, context: { stage: S; correlationId: string }) => void,
): (error: unknown) => string {
  return (error) => reportError(error, stage, onError);
}
