/** Attempts, and the waits between them: longer each time, and never all at once. */
import { PermanentError } from "./permanent_error.ts";

const FIRST_MS = 50;
const LONGEST_MS = 5_000;

export interface PersistOptions {
  /** Ends the attempts, also one that is not answered. */
  readonly signal: AbortSignal;
  /** Told of every failure but the last. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Tries until it succeeds; undefined if the signal is aborted before.
 *
 * @throws {PermanentError} If trying again is of no use.
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  { signal, onFailure }: PersistOptions,
): Promise<T | undefined> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      return await unlessAborted(attempt(), signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof PermanentError) throw error;
      onFailure(error);
      await pause(backoffMs(failures), signal);
    }
  }
  return undefined;
}

/** How long to wait after so many failures in a row, in milliseconds: exponential, with jitter. */
export function backoffMs(failures: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return longest / 2 + Math.random() * longest / 2;
}

/** Resolves after a while, or at once when the signal is aborted. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish, { once: true });
  });
}

/** What the promise comes to, or undefined as soon as the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
