/**
 * Built-in objects, recognized by what they are and not by their class: the class of another realm (an edge runtime, jsdom,
 * a `node:vm` context, a frame) is another class.
 */

/** The name of the built-in class that an object is of: `Map`, `RegExp`, `Promise`; `Object` for all others. */
export function builtinOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Whether `value` is an error of any realm. */
export function isError(value: unknown, builtin: string = builtinOf(value)): value is Error {
  return value instanceof Error || builtin === "Error" || builtin === "DOMException";
}

/** Whether `value` is a regular expression of any realm. */
export function isRegExp(value: unknown): value is RegExp {
  return builtinOf(value) === "RegExp";
}

/** Whether `value` can be used as an `AbortSignal`. */
export function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener, removeEventListener } = Object(value) as Partial<AbortSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function" &&
    typeof removeEventListener === "function";
}

/** Whether `value` can be used as a `URL`. */
export function isUrl(value: unknown): value is URL {
  const { href, searchParams } = Object(value) as Partial<URL>;
  return typeof href === "string" && typeof searchParams === "object";
}
