/** The longest wait that grows by itself. */
const MAX_BACKOFF_MS = 30_000;
const FIRST_BACKOFF_MS = 1_000;
// A server may ask for more time than it needs. A client must not stay away for days.
const MAX_ASKED_MS = 3_600_000;

/**
 * How long to wait before the next attempt: what the server asks for plus a random time, whose bound doubles with
 * every failure in a row. That is exponential backoff with full jitter, so that clients that were cut off together
 * don't come back together, even if the server asked all of them for the same time.
 */
export function backoffMs(failures: number, askedMs: number | null, random: number): number {
  const asked = Math.min(askedMs ?? 0, MAX_ASKED_MS);
  const bound = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
  return asked + Math.floor(random * bound);
}
