/**
 * Whether two plain values are the same JSON, whatever the order of keys. Texts that two messages share are the same
 * object, which makes comparing a long conversation with itself cheap.
 */
export function isSameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  // What is nested deeper than any event may be is taken for different.
  if (depth > MAX_DEPTH || Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSameJson(left[key], right[key], depth + 1));
}

const MAX_DEPTH = 64;
