import { abortable } from "@std/async";

/** The longest time that a timer can take: over it, it goes off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for `work`, but not when `abort` is aborted, and not for ever: when the time is over, it is aborted
 * with the error.
 */
export async function withinTime<T>(
  work: Promise<T>,
  abort: AbortController,
  timeoutMs: number,
  makeError: () => Error,
): Promise<T> {
  const timer = setTimeout(
    () => abort.abort(makeError()),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  try {
    const result: T = await abortable(work, abort.signal);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
