/** Waits between attempts: longer each time, and never all at once. */
const FIRST_MS = 50;
const LONGEST_MS = 5_000;

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
