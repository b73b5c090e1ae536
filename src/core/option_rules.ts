/** Options as a table: what each is if it is not given, and what it must be. */

import { checkFunction, checkOptions, describe } from "./options.ts";
import {
  readChoice,
  readFlag,
  readName,
  readNames,
  readNumber,
  readPatterns,
  readWhole,
} from "./option_values.ts";
import { checkRecord, checkText } from "./checks.ts";

/** Reads one option, given or not. */
export type Rule<T> = (owner: string, name: string, value: unknown) => T;

/** A rule for each option of a type: a missing or additional name does not compile. */
export type Rules<O> = { readonly [K in keyof Required<O>]: Rule<unknown> };

/** What is read by a table of rules. */
export type ReadBy<R> = { readonly [K in keyof R]: R[K] extends Rule<infer T> ? T : never };

/**
 * @param elsewhere See {@linkcode checkOptions}.
 * @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of its range.
 */
export function readBy<R extends Readonly<Record<string, Rule<unknown>>>>(
  owner: string,
  options: object,
  rules: R,
  elsewhere?: Readonly<Record<string, string>>,
): ReadBy<R> {
  checkOptions(owner, options, Object.keys(rules), elsewhere);
  const given = options as Readonly<Record<string, unknown>>;
  const read = Object.entries(rules).map(([name, rule]) => [name, rule(owner, name, given[name])]);
  return Object.fromEntries(read);
}

/**
 * The same for what can be switched on and off as a whole: by true and false, or by `enabled`. Null if it is off, also where
 * the options that it has are checked.
 *
 * @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of its range.
 */
export function readSwitched<R extends Readonly<Record<string, Rule<unknown>>>>(
  owner: string,
  given: unknown,
  rules: R,
): ReadBy<R> | null {
  if (given === undefined || given === null || given === false) return null;
  const read = readBy(owner, given === true ? {} : given, { enabled: flag(true), ...rules });
  return read.enabled ? read as ReadBy<R> : null;
}

/** A rule with a default. */
function or<T>(fallback: T, read: Rule<T>): Rule<T> {
  return (owner, name, value) => read(owner, name, value === undefined ? fallback : value);
}

/** Null where the option is not given. */
export function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return (owner, name, value = null) => value === null ? null : rule(owner, name, value);
}

export function whole(fallback: number | undefined, min: number, max?: number): Rule<number> {
  return or(fallback as number, (owner, name, value) => readWhole(owner, name, value, min, max));
}

export function number(fallback: number | undefined, min: number, max?: number): Rule<number> {
  return or(fallback as number, (owner, name, value) => readNumber(owner, name, value, min, max));
}

export function flag(fallback: boolean): Rule<boolean> {
  return or(fallback, readFlag);
}

export function text(fallback: string): Rule<string> {
  return or(fallback, (owner, name, value) => {
    checkText(owner, name, value);
    return value as string;
  });
}

export const name: Rule<string> = readName;

export function names(fallback: Iterable<string>): Rule<ReadonlySet<string>> {
  return (owner, name, value = fallback) => readNames(owner, name, value);
}

export function choice<const T>(fallback: T, allowed: readonly T[]): Rule<T> {
  return (owner, name, value = fallback) => readChoice(owner, name, value as T, allowed);
}

export function patterns<T extends Readonly<Record<string, RegExp>> | readonly RegExp[]>(
  fallback: T,
): Rule<T> {
  return (owner, name, value = fallback) => readPatterns(owner, name, value as T);
}

/** Values by name: a copy, frozen. */
export const record: Rule<Readonly<Record<string, unknown>>> = (owner, name, value = {}) => {
  checkRecord(owner, name, value);
  return Object.freeze({ ...value as Record<string, unknown> });
};

/** Several values, which are checked elsewhere. */
export function list<T>(): Rule<readonly T[]> {
  return (owner, name, value = []) => {
    if (Array.isArray(value)) return value;
    throw new TypeError(`${owner}: "${name}" must be an array, got ${describe(value)}`);
  };
}

/** A function, if one is given. */
export function optionalFunction<F>(): Rule<F | undefined> {
  return (owner, name, value) => {
    checkFunction(owner, name, value);
    return value as F | undefined;
  };
}

/** A function, with a default. */
export function functionOr<F>(fallback: F): Rule<F> {
  return or(fallback, optionalFunction<F>() as Rule<F>);
}

/** What is not checked, or checked elsewhere. */
export function unchecked<T>(fallback: T): Rule<T> {
  return (_owner, _name, value = fallback) => value as T;
}
