/** Checks of what a user hands in. Each failure names the option, what it must be, what it was. */

import { describe, hasMethod, isPlain } from "./describe.ts";
import { didYouMean } from "./nearest.ts";

export { describe, isArray, isRecord } from "./describe.ts";

/**
 * @param elsewhere Ours of the names that others give an option, where no spelling leads to it.
 * @throws {TypeError} If `options` is not an object of options, or has a key that is not in `known`.
 */
export function checkOptions(
  owner: string,
  options: unknown,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  const unknown = isPlain(options) && Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = known.find((name) => METHODS[name] && hasMethod(options, METHODS[name]));
  if (unknown === false || meant !== undefined) {
    const hint = meant === undefined ? "" : `; did you mean { ${meant} }?`;
    throw new TypeError(`${owner}: options must be an object, got ${describe(options)}${hint}`);
  }
  const hint = Object.hasOwn(elsewhere, unknown)
    ? `; did you mean "${elsewhere[unknown]}"?`
    : didYouMean(unknown, known, 1) || `; expected one of: ${known.join(", ")}`;
  throw new TypeError(`${owner}: unknown option "${unknown}"${hint}`);
}

/** What is often given in place of the options that should hold it, by a method that tells it. */
const METHODS: Readonly<Record<string, string>> = {
  bus: "subscribeGlobal",
  signal: "throwIfAborted",
  run: "inSpan",
  agent: "resume",
  model: "doGenerate",
  client: "duplicate",
  connection: "drain",
};

/** @throws {RangeError} If `value` is not a whole number of at least `min`. */
export function checkCount(owner: string, name: string, value: unknown, min: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    throw new RangeError(
      `${owner}: "${name}" must be a whole number of at least ${min}, got ${describe(value)}`,
    );
  }
  return value as number;
}

/**
 * The bounds that `defaults` names, each taken from `options` where it is given.
 *
 * @throws {RangeError} If one is not a whole number of at least 1.
 */
export function readBounds<K extends string>(
  owner: string,
  options: Partial<Record<NoInfer<K>, number>>,
  defaults: Record<K, number>,
): Record<K, number> {
  const bounds = { ...defaults };
  for (const name of Object.keys(defaults) as K[]) {
    const { [name]: value = defaults[name] } = options;
    bounds[name] = checkCount(owner, name, value, 1);
  }
  return bounds;
}

/** @throws {TypeError} If `value` is neither undefined nor a function. */
export function checkFunction(owner: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`${owner}: "${name}" must be a function, got ${describe(value)}`);
  }
}

/**
 * The two arguments of a function that takes options, if any, and then a function.
 *
 * @throws {TypeError} If they are not that, or an option is unknown.
 */
export function readCall<O extends object, F>(
  owner: string,
  optionsOrFn: O | F,
  maybeFn: F | undefined,
  known: readonly string[],
): [options: Partial<O>, fn: F] {
  const [options, fn] = typeof optionsOrFn === "function"
    ? [{}, optionsOrFn]
    : [optionsOrFn, maybeFn];
  checkOptions(owner, options, known);
  if (typeof fn !== "function") {
    throw new TypeError(`${owner}: expected a function, got ${describe(fn)}`);
  }
  return [options as Partial<O>, fn as F];
}
