/** The longest wait that grows by itself. */
const MAX_BACKOFF_MS = 30_000;
const FIRST_BACKOFF_MS = 1_000;
// A server may ask for more time than it will ever need; whoever waits shall come back within the day.
const MAX_ASKED_MS = 3_600_000;

/**
 * How long to wait before the next attempt: what the server asked for, and on top of it a random part
 * whose bound doubles with every failure in a row. Without the first it is exponential backoff with full
 * jitter; with both, readers that were cut off together do not come back together.
 */
export function backoffMs(failures: number, askedMs: number | null, random: number): number {
  const asked = Math.min(askedMs ?? 0, MAX_ASKED_MS);
  const bound = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
  return asked + Math.floor(random * bound);
}
