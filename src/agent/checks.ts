import { describe } from "../core/options.ts";

/** What a timer can wait at most: about 24 days. A longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws {RangeError} If `value` is not a whole number within the bounds. */
export function checkWhole(
  owner: string,
  name: string,
  value: unknown,
  min: number,
  max = Infinity,
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new RangeError(
    `${owner}: "${name}" must be a whole number ${range}, got ${describe(value)}`,
  );
}
