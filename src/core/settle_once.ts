/** What ends a wait from outside. */
export interface WaitOptions {
  /** Rejects with a `TimeoutError` after this many milliseconds. @default {never} */
  timeoutMs?: number;
  /** Rejects with its reason when aborted. */
  signal?: AbortSignal;
}

/** How the one who is waited for answers. The first answer counts. */
export interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * A promise that is settled by `begin`, a timeout or a signal, whichever is first, and leaves no timer and no
 * listener behind. `begin` may return its undo.
 */
export function settleOnce<T>(
  { timeoutMs, signal }: WaitOptions,
  timeoutMessage: () => string,
  begin: (settle: Settle<T>) => (() => void) | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let end: (() => void) | undefined = undefined;
    const finish = (settle: () => void) => {
      if (isSettled) return;
      isSettled = true;
      settle();
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      end?.();
    };
    const abort = () => finish(() => reject(signal?.reason));
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    if (timeoutMs !== undefined) {
      const timeOut = () => reject(new DOMException(timeoutMessage(), "TimeoutError"));
      timer = setTimeout(() => finish(timeOut), timeoutMs);
    }
    end = begin({
      resolve: (value) => finish(() => resolve(value)),
      reject: (error) => finish(() => reject(error)),
    });
    // It may have been settled while it began.
    if (isSettled) end?.();
  });
}
