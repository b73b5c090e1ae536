import { MAX_TIMER_MS } from "./option_values.ts";
/**
 * Waits that end early.
 *
 * `@std/async` has them as well, but it tells promises by their class, so it takes those of another realm
 * (edge runtimes, test environments) for streams; and it needs Node 22.
 */

/** Options of {@linkcode deadline} and {@linkcode delay}. */
export interface EarlyEnd {
  /** Rejects with its reason when aborted. */
  signal?: AbortSignal;
}

/** Waits for a promise, until the signal is aborted, if there is one: then it rejects with the signal's reason. */
export function abortable<T>(promise: PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  return endEarly(promise, { signal });
}

/** Waits for a promise, so many milliseconds at most: then it rejects with a `TimeoutError`. */
export function deadline<T>(
  promise: PromiseLike<T>,
  ms: number,
  options: EarlyEnd = {},
): Promise<T> {
  return endEarly(promise, { ...options, ms });
}

/** Resolves after so many milliseconds, unless the signal is aborted. */
export async function delay(ms: number, { signal }: EarlyEnd = {}): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
  });
  try {
    await endEarly(over, { signal });
  } finally {
    clearTimeout(timer);
  }
}

function endEarly<T>(
  promise: PromiseLike<T>,
  { signal, ms }: EarlyEnd & { ms?: number },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => finish(() => reject(signal?.reason));
    const timer = ms === undefined ? undefined : setTimeout(() => {
      finish(() => reject(new DOMException(`It took longer than ${ms} ms`, "TimeoutError")));
    }, ms);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    // Also after an abort: a rejection that comes later counts as handled.
    promise.then((value) => finish(() => resolve(value)), (error) => finish(() => reject(error)));
  });
}
