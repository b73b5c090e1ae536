/**
 * How often properties of the core are checked. Deno plays all runs; the other runtimes, which are to show whether the same
 * holds there, a quarter of them. `LOCUS_PROPERTY_RUNS` are the runs of each property, instead of its own number (1,000 or
 * more on Deno).
 *
 * @module
 */
import { setImmediate } from "node:timers";
import fc, { wholeNumber } from "../../harness/support/property.ts";

/** Checks a property; a failure prints the seed and the smallest program that shows it. */
export async function check<T>(property: fc.IRawProperty<T>, runs = 1000): Promise<void> {
  await fc.assert(property, {
    numRuns: wholeNumber("LOCUS_PROPERTY_RUNS") ??
      ("Deno" in globalThis ? runs : Math.ceil(runs / 4)),
  });
}

/** Lets everything happen that only waits for promises. Counting turns instead is slow in a test of Node. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
