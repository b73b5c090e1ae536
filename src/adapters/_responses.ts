import type { Context } from "hono";

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
  | 429
  | 500
  | 503;

/** An answer that the client is to blame for, or that the server cannot give now. Its message is sent. */
export class Refusal extends Error {
  readonly status: ErrorStatus;
  /** Headers that the answer has beside the usual ones. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: ErrorStatus, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** Answers for whatever was thrown; only what is no {@linkcode Refusal} is reported. */
export function answerError(
  c: Context,
  error: unknown,
  report: (error: unknown) => string,
): Response {
  if (error instanceof Refusal) {
    return json(c, error.status, { error: error.message }, error.headers);
  }
  return json(c, 500, { error: "Internal error", correlation_id: report(error) });
}

/** An answer in JSON that nobody keeps, and no browser takes for something else. */
export function json(
  c: Context,
  status: 200 | 202 | ErrorStatus,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.json(body, status, { ...JSON_HEADERS, ...headers });
}

const JSON_HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

/**
 * Hands an error to `onError` under an id that the client may know, and returns the id. What `onError`
 * throws is dropped.
 */
export function createReporter<S extends string>(
  stage: S,
  onError: (error: unknown, context: { stage: S; correlationId: string }) => void,
): (error: unknown) => string {
  return (error) => {
    const correlationId = crypto.randomUUID();
    try {
      onError(error, { stage, correlationId });
    } catch { /* nobody is left to tell */ }
    return correlationId;
  };
}
