/** Reads single options: each failure names the option, what it must be, and what was given. */

import { isRegExp } from "../runtime/realm.ts";
import { describe } from "./describe.ts";

/** The longest time that a timer can wait: about 24 days. A longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws {RangeError} If `value` is not a whole number within the bounds. */
export function readWhole(
  owner: string,
  name: string,
  value: unknown,
  min: number,
  max = Infinity,
): number {
  if (Number.isSafeInteger(value) && value as number >= min && value as number <= max) {
    return value as number;
  }
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new RangeError(
    `${owner}: "${name}" must be a whole number ${range}, got ${describe(value)}`,
  );
}

/** @throws {RangeError} If `value` is not a finite number within the bounds. */
export function readNumber(
  owner: string,
  name: string,
  value: unknown,
  min: number,
  max = Infinity,
): number {
  if (Number.isFinite(value) && value as number >= min && value as number <= max) {
    return value as number;
  }
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new RangeError(`${owner}: "${name}" must be a number ${range}, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` is neither true nor false. */
export function readFlag(owner: string, name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${owner}: "${name}" must be true or false, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` is not a string, or an empty one. */
export function readName(owner: string, name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `${owner}: "${name}" must be a string that is not empty, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If `value` is not one of `allowed`. */
export function readChoice<T>(owner: string, name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((item) => JSON.stringify(item)).join(", ");
  throw new TypeError(`${owner}: "${name}" must be one of ${list}, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` is not a set or array of strings. */
export function readNames(owner: string, name: string, value: unknown): ReadonlySet<string> {
  // A string is an iterable of strings too, and always a mistake here.
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    const names = [...value as Iterable<unknown>];
    if (names.every((item) => typeof item === "string")) return new Set(names);
  }
  throw new TypeError(
    `${owner}: "${name}" must be a set or array of names, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If `value` is not an array of strings. */
export function readTexts(owner: string, name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new TypeError(`${owner}: "${name}" must be an array of strings, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` holds anything but regular expressions. */
export function readPatterns<T extends Readonly<Record<string, RegExp>> | readonly RegExp[]>(
  owner: string,
  name: string,
  value: T,
): T {
  const isHolder = typeof value === "object" && value !== null;
  if (isHolder && Object.values(value).every(isRegExp)) return value;
  throw new TypeError(
    `${owner}: "${name}" must hold regular expressions, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If `value` is given and was not made by that class. */
export function readInstance<T>(
  owner: string,
  name: string,
  value: T | null | undefined,
  type: new (...args: never[]) => T,
): T | null {
  if (value === undefined || value === null) return null;
  if (value instanceof type) return value;
  throw new TypeError(`${owner}: "${name}" must be a ${type.name}, got ${describe(value)}`);
}
