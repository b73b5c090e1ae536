/**
 * How often properties are checked, and with which seed. Deno plays all runs; the other runtimes, which are to show
 * whether the same holds there, a quarter of them.
 *
 * - `LOCUS_PROPERTY_RUNS`: runs of each property, instead of its own number (1,000 or more on Deno).
 * - `LOCUS_PROPERTY_SEED`: the seed that a failure printed, to see that failure again.
 * - `LOCUS_PROPERTY_SHRINK=off`: the first failure will do; nobody reads the counterexample.
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import fc from "fast-check";

/** Checks a property; a failure prints the seed and the smallest program that shows it. */
export async function check<T>(property: fc.IRawProperty<T>, runs = 1000): Promise<void> {
  await fc.assert(property, {
    numRuns: wholeNumber("LOCUS_PROPERTY_RUNS") ??
      ("Deno" in globalThis ? runs : Math.ceil(runs / 4)),
    seed: wholeNumber("LOCUS_PROPERTY_SEED"),
    endOnFailure: process.env["LOCUS_PROPERTY_SHRINK"] === "off",
  });
}

/** Lets everything happen that only waits for promises. Counting turns instead is slow in a test of Node. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} must be a whole number: ${text}`);
  return value;
}
