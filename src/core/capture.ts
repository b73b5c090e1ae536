/**
 * Takes the copy of a payload that the log keeps.
 *
 * The copy is what `JSON.stringify` would send, as plain frozen data: so an event is the same in
 * memory and on the wire, and neither the publisher nor a reader can change it afterwards. Whatever
 * cannot be sent becomes a {@linkcode Placeholder}; nothing a payload does can throw out of here.
 */

import type { Placeholder } from "../events/placeholder.ts";
import { describe, isRecord } from "./options.ts";

/** A captured payload. */
export interface Captured {
  /** Own, plain; its nested values are frozen already, itself not yet. */
  readonly data: Record<string, unknown>;
  /** Estimate of the memory it takes: 2 bytes a character, 8 a number, 16 a key or an object. */
  readonly bytes: number;
  /** How many values were replaced. */
  readonly placeholders: number;
}

const MAX_DEPTH = 64;
const PREVIEW_LENGTH = 240;
// What is kept of a payload that is too large: this many keys, and values up to this size.
const MAX_KEYS_OF_OVERSIZED = 64;
const MAX_BYTES_OF_KEPT_VALUE = 1024;
// What a payload counts at least that is nothing but a mark, however small the bound.
const MIN_BYTES_OF_MARKED = 128;

const KEY_BYTES = 16;
const CHAR_BYTES = 2;

/** Captures `data`, replacing it by previews of its values where it takes more than `maxBytes`. */
export function capture(data: unknown, maxBytes: number): Captured {
  return captureFlat(data, maxBytes) ?? captureDeep(data, maxBytes);
}

/**
 * The fast path, for what nearly every event is: a plain object of strings, numbers, booleans and
 * nulls. Anything else makes it give up.
 */
function captureFlat(data: unknown, maxBytes: number): Captured | null {
  if (typeof data !== "object" || data === null) return null;
  let copy: Record<string, unknown>;
  try {
    // A proxy can throw at either.
    if (Object.getPrototypeOf(data) !== Object.prototype) return null;
    copy = { ...data };
  } catch {
    return null;
  }
  let bytes = 0;
  for (const key in copy) {
    const value = copy[key];
    bytes += KEY_BYTES + key.length * CHAR_BYTES;
    switch (typeof value) {
      case "string":
        bytes += value.length * CHAR_BYTES;
        break;
      case "number":
        if (!Number.isFinite(value)) return null;
        bytes += 8;
        break;
      case "boolean":
        bytes += 8;
        break;
      default:
        if (value !== null) return null;
    }
  }
  return bytes <= maxBytes ? { data: copy, bytes, placeholders: 0 } : null;
}

function captureDeep(data: unknown, maxBytes: number): Captured {
  const walk = new Walk(maxBytes);
  let copy: unknown;
  try {
    copy = walk.value(data, "", 0);
  } catch (error) {
    if (error !== TOO_LARGE) throw error;
    if (isRecord(data)) return captureOversized(data, maxBytes);
  }
  if (isRecord(copy)) {
    return { data: { ...copy }, bytes: walk.bytes, placeholders: walk.placeholders };
  }
  // A payload is an object; whoever publishes something else shall see that on the first reader.
  const marked = { $placeholder: "invalid_data", preview: describe(data) };
  return { data: marked, bytes: MIN_BYTES_OF_MARKED, placeholders: 1 };
}

/** The payload's own keys as far as they fit, with a preview instead of each value that is not small. */
function captureOversized(data: Record<string, unknown>, maxBytes: number): Captured {
  const kept: [string, unknown][] = [];
  let bytes = MIN_BYTES_OF_MARKED;
  let placeholders = 0;
  let keys: string[] = [];
  try {
    keys = Object.keys(data);
  } catch { /* a proxy that throws: no key can be kept */ }
  for (const key of keys.slice(0, MAX_KEYS_OF_OVERSIZED)) {
    const name = clip(key);
    const room = maxBytes - bytes - KEY_BYTES - name.length * CHAR_BYTES;
    const walk = new Walk(Math.min(MAX_BYTES_OF_KEPT_VALUE, room));
    let value: unknown;
    try {
      value = walk.value(read(data, key), key, 1);
    } catch (error) {
      if (error !== TOO_LARGE) throw error;
      value = placeholder("too_large", previewOf(read(data, key)));
      walk.bytes = PREVIEW_LENGTH * CHAR_BYTES;
      walk.placeholders = 1;
    }
    if (walk.bytes > room) continue;
    kept.push([name, value]);
    bytes = maxBytes - room + walk.bytes;
    placeholders += walk.placeholders;
  }
  if (kept.length < keys.length || keys.length === 0) {
    kept.push(["$placeholder", "too_large"]);
    placeholders++;
  }
  return { data: Object.fromEntries(kept), bytes, placeholders };
}

const TOO_LARGE: unknown = Symbol("too large");

class Walk {
  bytes = 0;
  placeholders = 0;
  readonly #maxBytes: number;
  // The path from the root to here: a shared object is no cycle.
  readonly #path: object[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The plain frozen copy of `value`, which stands under `key`. */
  value(value: unknown, key: string, depth: number): unknown {
    switch (typeof value) {
      case "string":
        this.#count(value.length * CHAR_BYTES);
        return value;
      case "number":
        this.#count(8);
        return Number.isFinite(value) ? value : this.#placeholder("not_finite", String(value));
      case "boolean":
        this.#count(8);
        return value;
      case "undefined":
        // JSON would drop the key; a key without a value is null in an event.
        return null;
      case "bigint":
        return this.#placeholder("bigint", describe(value));
      case "symbol":
        return this.#placeholder("symbol", clip(value.description ?? ""));
      case "function":
        return this.#placeholder("function", nameOf(value));
      default:
        return value === null ? null : this.#object(value as object, key, depth);
    }
  }

  #object(value: object, key: string, depth: number): unknown {
    if (this.#path.includes(value)) return this.#placeholder("cycle");
    if (depth >= MAX_DEPTH) return this.#placeholder("depth");
    this.#count(16);
    this.#path.push(value);
    try {
      return this.#convert(value, key, depth);
    } catch (error) {
      if (error === TOO_LARGE) throw error;
      // A getter, a proxy or a toJSON threw. Its message may hold anything, so it is not kept.
      return this.#placeholder("threw");
    } finally {
      this.#path.pop();
    }
  }

  #convert(value: object, key: string, depth: number): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") {
      const replaced = toJSON.call(value, key);
      if (replaced !== value) return this.value(replaced, key, depth + 1);
    }
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      for (let i = 0; i < value.length; i++) {
        copy.push(this.value(value[i], String(i), depth + 1));
        this.#count(8);
      }
      return Object.freeze(copy);
    }
    if (value instanceof Error) {
      // As they are: to make text of what somebody else has put there may take for ever.
      const { name, message } = value;
      return this.#convert({ name, message }, key, depth);
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return this.#placeholder("binary", `${value.byteLength} bytes`);
    }
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (tag !== "Object") {
      // A boxed string or number is sent as what is inside.
      const inner: unknown = value.valueOf();
      if (typeof inner !== "object") return this.value(inner, key, depth + 1);
      // JSON cannot see into a Map or a Promise: `{}` in its place would be a silent loss.
      if (Object.keys(value).length === 0) return this.#placeholder("unsupported", tag);
    }
    // Not by assignment, which `__proto__` would turn into something else.
    return Object.freeze(Object.fromEntries(
      Object.keys(value).map((name) => {
        this.#count(KEY_BYTES + name.length * CHAR_BYTES);
        return [name, this.#property(value, name, depth)];
      }),
    ));
  }

  #property(owner: object, name: string, depth: number): unknown {
    let value: unknown;
    try {
      value = (owner as Record<string, unknown>)[name];
    } catch {
      return this.#placeholder("threw");
    }
    return this.value(value, name, depth + 1);
  }

  #placeholder(why: Placeholder["$placeholder"], preview?: string): Placeholder {
    this.placeholders++;
    this.#count(64 + (preview?.length ?? 0) * CHAR_BYTES);
    return placeholder(why, preview);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.#maxBytes) throw TOO_LARGE;
  }
}

function placeholder(why: Placeholder["$placeholder"], preview?: string): Placeholder {
  return Object.freeze(preview ? { $placeholder: why, preview } : { $placeholder: why });
}

function previewOf(value: unknown): string {
  return typeof value === "string" ? clip(value) : describe(value);
}

function nameOf(fn: object): string | undefined {
  const name = read(fn, "name");
  return typeof name === "string" ? clip(name) : undefined;
}

function clip(text: string): string {
  if (text.length <= PREVIEW_LENGTH) return text;
  // Never half a surrogate pair.
  return copyOf(text.slice(0, PREVIEW_LENGTH).replace(/[\uD800-\uDBFF]$/, ""));
}

/** The same characters in memory of their own: a slice keeps alive all of the text that it was cut from. */
function copyOf(slice: string): string {
  // Tricks that are cheaper, such as adding a character and cutting it off, do not free it on every engine.
  return JSON.parse(JSON.stringify(slice));
}

function read(owner: object, key: string): unknown {
  try {
    return (owner as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
