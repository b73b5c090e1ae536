/** Checks of what a user hands in. Each failure names the option, what it must be, what it was. */

/** @throws {TypeError} If `options` is no object, or has a key that is not in `known`. */
export function checkOptions(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${owner}: options must be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new TypeError(
        `${owner}: unknown option "${key}"; expected one of: ${known.join(", ")}`,
      );
    }
  }
}

/** @throws {RangeError} If `value` is not a whole number of at least `min`. */
export function checkCount(owner: string, name: string, value: unknown, min: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min) {
    throw new RangeError(
      `${owner}: "${name}" must be a whole number of at least ${min}, got ${describe(value)}`,
    );
  }
  return value;
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

/** A value as an error message shows it: short, and never its contents when it is an object. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    case "object":
      return isArray(value) ? "an array" : "an object";
    case "function":
      return "a function";
    case "bigint":
      // Writing out a number of a million digits takes seconds.
      return value < 2n ** 128n && value > -(2n ** 128n) ? `${value}n` : "a bigint";
    default:
      return String(value);
  }
}

/** Whether `value` is an object with keys, as a JSON object is. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isArray(value);
}

/** `Array.isArray()` that no proxy can make throw. */
export function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A proxy that was revoked.
    return false;
  }
}
