/** Checks of single options of an agent: each failure names the option, what it must be, what it was. */

import { describe } from "../core/options.ts";
import { checkWhole } from "./checks.ts";

/** @throws {RangeError} If it is no number above 0. */
export function readSeconds(value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new RangeError(
    `Agent: "timeBudgetSeconds" must be a number above 0, got ${describe(value)}`,
  );
}

/** @throws {RangeError} If it is no number from 0 to 2. */
export function readTemperature(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 2) return value;
  throw new RangeError(`Agent: "temperature" must be a number from 0 to 2, got ${describe(value)}`);
}

/** @throws {RangeError} If it is no whole number within the bounds. */
export function whole(name: string, value: unknown, min: number, max?: number): number {
  return checkWhole(OWNER, name, value, min, max);
}

/** @throws {TypeError} If it is none of those. */
export function choice<T>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const list = allowed.map((item) => JSON.stringify(item)).join(", ");
  throw new TypeError(`Agent: "${name}" must be one of ${list}, got ${describe(value)}`);
}

/** @throws {TypeError} If it is given, and not made by that class. */
export function instance<T>(
  name: string,
  value: T | null | undefined,
  type: new (...args: never[]) => T,
): T | null {
  if (value === undefined || value === null) return null;
  if (value instanceof type) return value;
  throw new TypeError(`Agent: "${name}" must be a ${type.name}, got ${describe(value)}`);
}

/** @throws {TypeError} If it is neither true nor false. */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`Agent: "${name}" must be true or false, got ${describe(value)}`);
}

/** @throws {TypeError} If it is no string, or an empty one. */
export function text(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `Agent: "${name}" must be a string that is not empty, got ${describe(value)}`,
  );
}

/** @throws {TypeError} If it is no set or array of names. */
export function names(name: string, value: Iterable<string>): ReadonlySet<string> {
  // A string is an iterable of strings too, and always a mistake here.
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    return new Set(value);
  }
  throw new TypeError(`Agent: "${name}" must be a set or array of names, got ${describe(value)}`);
}

const OWNER = "Agent";
