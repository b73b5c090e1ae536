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

/** @throws {TypeError} If `value` is neither undefined nor a function. */
export function checkFunction(owner: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`${owner}: "${name}" must be a function, got ${describe(value)}`);
  }
}

/** A value as an error message shows it: short, and never its contents when it is an object. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    case "object":
      return Array.isArray(value) ? "an array" : "an object";
    case "function":
      return "a function";
    case "bigint":
      return `${value}n`;
    default:
      return String(value);
  }
}
