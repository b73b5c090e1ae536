/**
 * fast-check as all properties use it. CI names a seed, so that what it says depends on the commit and not on the day;
 * without one, each time plays new cases.
 *
 * - `LOCUS_PROPERTY_SEED`: the seed of all properties, or the one that a failure printed, to see that failure again.
 * - `LOCUS_PROPERTY_SHRINK=off`: the first failure will do; nobody reads the counterexample.
 *
 * @module
 */
import process from "node:process";
import * as fc from "fast-check";

const seed = wholeNumber("LOCUS_PROPERTY_SEED");
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  ...(seed === undefined ? {} : { seed }),
  endOnFailure: process.env["LOCUS_PROPERTY_SHRINK"] === "off",
});

/** Reads a variable of the environment; undefined where it is not set. */
export function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} must be a whole number: ${text}`);
  return value;
}

export default fc;
