/** Checks of the options that the built-in hooks share. */

import { describe } from "../../core/options.ts";

/** @throws {RangeError} If it is no number of at least `min`. */
export function readNumber(owner: string, name: string, value: unknown, min: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= min) return value;
  throw new RangeError(
    `${owner}: "${name}" must be a number of at least ${min}, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If it is not one of `allowed`. */
export function readChoice<T>(owner: string, name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((item) => JSON.stringify(item)).join(", ");
  throw new TypeError(`${owner}: "${name}" must be one of ${list}, got ${describe(value)}`);
}

/** @throws {TypeError} If it is no set or array of strings; a string is always a mistake here. */
export function readNames(owner: string, name: string, value: unknown): ReadonlySet<string> {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    const names = [...value as Iterable<unknown>];
    if (names.every((item) => typeof item === "string")) return new Set(names);
  }
  throw new TypeError(
    `${owner}: "${name}" must be a set or array of names, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If it does not hold regular expressions only. */
export function readPatterns<T extends Readonly<Record<string, RegExp>> | readonly RegExp[]>(
  owner: string,
  name: string,
  value: T,
): T {
  const isHolder = typeof value === "object" && value !== null;
  if (isHolder && Object.values(value).every((item) => item instanceof RegExp)) return value;
  throw new TypeError(
    `${owner}: "${name}" must hold regular expressions, got ${describe(value)}`,
  );
}
