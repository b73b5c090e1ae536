/** Values as JSON would carry them: plain, frozen, comparable. */

/**
 * A deeply frozen plain copy of `value`: what JSON could carry of it, and text for the rest.
 *
 * - `toJSON()` is honoured; a `Map` becomes an object, a `Set` an array, an `Error` its text.
 * - Big integers, symbols, functions and cycles become text, numbers that are not finite null.
 *
 * @throws {RangeError} If it holds more than a million objects: parts that are shared are copied each time,
 * so a small graph can be an endless text.
 * @throws Whatever a getter or a `toJSON()` of the value throws.
 */
export function frozenCopy(value: unknown): unknown {
  return copy(value, "", { path: [], budget: { left: MAX_OBJECTS } });
}

/** JSON text in which the order of keys does not matter: equal for equal data. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys) ?? "null";
}

/**
 * Freezes plain data and all that it holds. Stops at what is frozen already, and at objects of other
 * kinds: bytes cannot be frozen, and a URL or a Map would be of no use frozen.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value;
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  return value;
}

/** Whether `value` is an object with keys, as a JSON object is. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MAX_OBJECTS = 1_000_000;

/** Where in a value a copy has got to, and how much may still come. */
interface Place {
  readonly path: readonly object[];
  readonly budget: { left: number };
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

function copyObject(value: object, key: string, { path, budget }: Place): unknown {
  if (path.includes(value)) return "[circular]";
  if (budget.left-- <= 0) throw new RangeError(`more than ${MAX_OBJECTS} objects`);
  const inner = { path: [...path, value], budget };
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") {
    const replaced: unknown = toJSON.call(value, key);
    if (replaced !== value) return copy(replaced, key, inner);
  }
  if (Array.isArray(value) || value instanceof Set) {
    return Object.freeze(Array.from(value, (item, i) => copy(item, String(i), inner) ?? null));
  }
  if (value instanceof Error) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  const entries = value instanceof Map
    ? Array.from(value, ([name, item]): [string, unknown] => [String(name), item])
    : Object.entries(value);
  // `fromEntries` defines properties: a key named `__proto__` stays a key.
  return Object.freeze(Object.fromEntries(
    entries.map(([name, item]) => [name, copy(item, name, inner)]),
  ));
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, value[key]]));
}
