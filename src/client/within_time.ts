import { abortable, delay } from "../core/waits.ts";
import { MAX_TIMER_MS } from "../core/option_values.ts";

/** Waits until the time is over or `signal` aborts, whichever comes first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, MAX_TIMER_MS), { signal }).catch(() => {});
}

/**
 * Waits for `work`, but not when `abort` is aborted, and not forever: when the time is over, `abort` is aborted
 * with the error.
 */
export async function withinTime<T>(
  work: Promise<T>,
  abort: AbortController,
  timeoutMs: number,
  makeError: () => Error,
): Promise<T> {
  const timer = setTimeout(() => abort.abort(makeError()), Math.min(timeoutMs, MAX_TIMER_MS));
  try {
    const result: T = await abortable(work, abort.signal);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
