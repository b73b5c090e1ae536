/** A captured payload. */
export interface Captured {
  /** Own, plain; its nested values are frozen already, itself not yet. */
  readonly data: Record<string, unknown>;
  /** Estimate of the memory it takes: 2 bytes a character, 8 a number, 16 a key or an object. */
  readonly bytes: number;
  /** How many values were replaced. */
  readonly placeholders: number;
}

/** What things count in {@linkcode Captured.bytes}. */
export const KEY_BYTES = 16;
export const CHAR_BYTES = 2;
export const OBJECT_BYTES = 16;

/**
 * The fast path, for what nearly every event is: a plain object of strings, numbers, booleans and nulls, and of arrays and
 * plain objects of these. Anything else makes it give up.
 */
export function captureFlat(data: unknown, maxBytes: number, depth = 0): Captured | null {
  if (typeof data !== "object" || data === null) return null;
  let copy: Record<string, unknown>;
  let bytes = 0;
  let isNested = depth > 0;
  try {
    // A proxy can throw at each of these.
    if (Object.getPrototypeOf(data) !== Object.prototype) return null;
    // What has too many keys is not copied to find that out.
    for (const key in data) {
      bytes += KEY_BYTES + key.length * CHAR_BYTES;
      if (bytes > maxBytes) return null;
    }
    copy = { ...data };
  } catch {
    return null;
  }
  for (const key in copy) {
    const value = copy[key];
    if (typeof value === "string") bytes += value.length * CHAR_BYTES;
    else if (typeof value === "boolean" || Number.isFinite(value)) bytes += 8;
    else if (value !== null) {
      const room = maxBytes - bytes;
      const inner = captureItems(value, room) ??
        (depth === 0 ? captureFlat(value, room, 1) : null);
      if (inner === null) return null;
      copy[key] = Object.freeze(inner.data);
      bytes += OBJECT_BYTES + inner.bytes;
      isNested = true;
    }
  }
  // Checked only here: on every payload it would cost about 30 ns.
  if (isNested && Object.getOwnPropertySymbols(copy).length > 0) return null;
  return bytes <= maxBytes ? { data: copy, bytes, placeholders: 0 } : null;
}

/** The same for an array of these values. */
export function captureItems(
  list: unknown,
  maxBytes: number,
): { readonly data: unknown[]; readonly bytes: number } | null {
  const data: unknown[] = [];
  let bytes = 0;
  try {
    if (!Array.isArray(list) || Object.getPrototypeOf(list) !== Array.prototype) return null;
    if ("toJSON" in list) return null;
    for (let i = 0; i < list.length && bytes <= maxBytes; i++) {
      const item: unknown = list[i];
      if (typeof item === "string") bytes += 8 + item.length * CHAR_BYTES;
      else if (typeof item === "boolean" || Number.isFinite(item)) bytes += 16;
      else if (item === null) bytes += 8;
      else return null;
      data.push(item);
    }
  } catch {
    return null;
  }
  return bytes <= maxBytes ? { data, bytes } : null;
}
