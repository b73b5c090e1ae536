/** A time to wait, in milliseconds: readers that were cut off together must not come back together. */
export function randomRetryMs(leastMs = 1_000, mostMs = 5_000): number {
  return leastMs + Math.floor(Math.random() * (mostMs - leastMs + 1));
}

/** The value of `Retry-After` for a client that is turned away for now. */
export function randomRetryAfter(): string {
  return String(Math.ceil(randomRetryMs() / 1_000));
}
