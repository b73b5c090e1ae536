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
    const undo: ((() => void) | undefined)[] = [];
    const finish = (settle: () => void) => {
      if (isSettled) return;
      isSettled = true;
      settle();
      for (const step of undo.splice(0)) step?.();
    };
    const abort = () => finish(() => reject(signal?.reason));
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    undo.push(() => signal?.removeEventListener("abort", abort));
    if (timeoutMs !== undefined) {
      const timeOut = () => reject(new DOMException(timeoutMessage(), "TimeoutError"));
      const timer = setTimeout(() => finish(timeOut), timeoutMs);
      undo.push(() => clearTimeout(timer));
    }
    const end = begin({
      resolve: (value) => finish(() => resolve(value)),
      reject: (error) => finish(() => reject(error)),
    });
    // It may have been settled while it began.
    if (isSettled) end?.();
    else undo.push(end);
  });
}
