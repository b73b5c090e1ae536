import { dropRejection } from "../runtime/promise_like.ts";

/**
 * Passes an error to `onError` under an id that the client may know, and returns the id. What `onError` throws
 * or rejects with is dropped.
 */
export function reportError<S extends string>(
  error: unknown,
  stage: S,
  onError: (error: unknown, context: { stage: S; correlationId: string }) => unknown,
): string {
  const correlationId = crypto.randomUUID();
  try {
    dropRejection(onError(error, { stage, correlationId }));
  } catch { /* as above */ }
  return correlationId;
}
