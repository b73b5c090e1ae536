/** Values as JSON would carry them: plain, frozen, comparable. */

import { builtinOf, isError } from "../runtime/realm.ts";

export { isRecord } from "./options.ts";

/**
 * A deeply frozen plain copy of `value`: what JSON could carry of it, and text for the rest.
 *
 * - `toJSON()` is honoured; a `Map` becomes an object, a `Set` an array, an `Error` its text.
 * - Big integers, symbols, functions and cycles become text, numbers that are not finite null.
 * - What is nested deeper than 500 objects becomes text, too: more than that ends the stack.
 *
 * @throws {RangeError} If it holds more than a million objects: parts that are shared are copied each time,
 * so a small graph can be an endless text.
 * @throws Whatever a getter or a `toJSON()` of the value throws.
 */
export function frozenCopy(value: unknown): unknown {
  return copy(value, "", { path: [], left: MAX_OBJECTS });
}

/** A copy of JSON data that can be changed. */
export function plainCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plainCopy);
  const copied: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) define(copied, name, plainCopy(item));
  return copied;
}

const OWN = { enumerable: true, configurable: true, writable: true };

/**
 * JSON text of plain data in which the order of keys does not matter: equal for equal data.
 *
 * Not `JSON.stringify()` with a replacer: that copies each object, and every turn needs texts.
 */
export function canonicalJson(value: unknown): string {
  return canonical(value) ?? "null";
}

function canonical(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item) ?? "null").join(",")}]`;
  }
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const item = canonical((value as Record<string, unknown>)[name]);
    if (item !== undefined) text += `${text && ","}${JSON.stringify(name)}:${item}`;
  }
  return `{${text}}`;
}

/**
 * Freezes plain data and all that it holds. Stops at what is frozen already, and at objects of other
 * kinds: bytes cannot be frozen, and a URL or a Map would be of no use frozen.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value;
  Object.freeze(value);
  for (const key in value) {
    const item = value[key];
    if (typeof item === "object") deepFreeze(item);
  }
  return value;
}

const MAX_OBJECTS = 1_000_000;
const MAX_DEPTH = 500;

/** Whether plain data is nested deeper than so many objects. */
export function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}

/** Where in a value a copy has got to, and how much may still come. */
interface Place {
  /** The objects that hold the one that is being copied. */
  readonly path: object[];
  left: number;
}

function copy(value: unknown, key: string, place: Place): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
    case "symbol":
    case "function":
      return String(value);
    default:
      return value === null ? null : copyObject(value as object, key, place);
  }
}

function copyObject(value: object, key: string, place: Place): unknown {
  const { path } = place;
  if (path.includes(value)) return "[circular]";
  if (path.length >= MAX_DEPTH) return "[nested too deep]";
  if (place.left-- <= 0) throw new RangeError(`more than ${MAX_OBJECTS} objects`);
  const builtin = builtinOf(value);
  // Before it is asked for its JSON: a Buffer of Node would list all of its bytes.
  if (ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(builtin)) {
    return `[${(value as ArrayBuffer).byteLength} bytes]`;
  }
  path.push(value);
  const { toJSON } = value as { toJSON?: unknown };
  const replaced: unknown = typeof toJSON === "function" ? toJSON.call(value, key) : value;
  const copied = replaced === value
    ? copyContent(value, builtin, place)
    : copy(replaced, key, place);
  path.pop();
  return copied;
}

function copyContent(value: object, builtin: string, place: Place): unknown {
  if (Array.isArray(value) || builtin === "Set") {
    return Object.freeze(
      Array.from(value as Iterable<unknown>, (item, i) => copy(item, String(i), place) ?? null),
    );
  }
  if (isError(value)) return String(value);
  const copied: Record<string, unknown> = {};
  if (builtin === "Map") {
    for (const [name, item] of value as Map<unknown, unknown>) {
      define(copied, String(name), copy(item, String(name), place));
    }
  } else {
    for (const name of Object.keys(value)) {
      define(copied, name, copy((value as Record<string, unknown>)[name], name, place));
    }
  }
  return Object.freeze(copied);
}

/** Sets a key of an object; one named `__proto__` stays a key. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { ...OWN, value });
}
