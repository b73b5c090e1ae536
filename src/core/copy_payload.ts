/**
 * Takes the copy of a payload that the log keeps.
 *
 * The copy is what `JSON.stringify` would send, as plain frozen data: so an event is the same in
 * memory and on the wire, and neither the publisher nor a reader can change it afterwards. Whatever
 * cannot be sent becomes a {@linkcode Placeholder}; nothing a payload does can throw out of here.
 */

import type { Placeholder } from "../events/placeholder.ts";
import {
  type Captured,
  captureFlat,
  captureItems,
  CHAR_BYTES,
  KEY_BYTES,
  OBJECT_BYTES,
} from "./capture_flat.ts";
import { isRecord, summary } from "./describe.ts";
import { builtinOf, isError } from "../runtime/realm.ts";

const MAX_DEPTH = 64;
const PREVIEW_LENGTH = 240;
// What is kept of a payload that is too large: this many keys, and values up to this size. After so many objects
// that were larger, no further one is looked into.
const MAX_KEYS_OF_OVERSIZED = 64;
const MAX_BYTES_OF_KEPT_VALUE = 1024;
const MAX_LARGE_OBJECTS = 8;
// What a payload counts at least that is nothing but a mark, however small the bound.
const MIN_BYTES_OF_MARKED = 128;

export type { Captured };

/** Captures `data`, replacing it by previews of its values where it takes more than `maxBytes`. */
export function copyPayload(data: unknown, maxBytes: number): Captured {
  return captureFlat(data, maxBytes) ?? captureDeep(data, maxBytes);
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
  // A payload must be an object. Anything else is marked, so that the publisher notices at the first subscriber.
  const marked = { $placeholder: "invalid_data", preview: summary(data) };
  return { data: marked, bytes: MIN_BYTES_OF_MARKED, placeholders: 1 };
}

/** The payload's own keys as far as they fit, with a preview instead of each value that is not small. */
function captureOversized(data: Record<string, unknown>, maxBytes: number): Captured {
  const kept: [string, unknown][] = [];
  let bytes = MIN_BYTES_OF_MARKED;
  let placeholders = 0;
  let largeObjects = 0;
  let keys: string[] = [];
  try {
    keys = firstKeys(data, MAX_KEYS_OF_OVERSIZED + 1);
  } catch { /* a proxy that throws: no key can be kept */ }
  for (const key of keys.slice(0, MAX_KEYS_OF_OVERSIZED)) {
    const name = clip(key);
    const room = maxBytes - bytes - KEY_BYTES - name.length * CHAR_BYTES;
    const walk = new Walk(Math.min(MAX_BYTES_OF_KEPT_VALUE, room));
    const original = read(data, key);
    const isObject = Object(original) === original;
    let value: unknown;
    try {
      if (isObject && largeObjects >= MAX_LARGE_OBJECTS) throw TOO_LARGE;
      value = walk.value(original, key, 1);
    } catch (error) {
      if (error !== TOO_LARGE) throw error;
      if (isObject) largeObjects++;
      value = placeholder("too_large", previewOf(original));
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
  // The path from the root to here: a shared object is not a cycle.
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
        return this.#placeholder("bigint", summary(value));
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
    // The payload itself counts by its keys, and is known not to be flat.
    if (depth > 0) this.#count(OBJECT_BYTES);
    const room = this.#maxBytes - this.bytes;
    const flat = depth === 0 ? null : captureItems(value, room) ?? captureFlat(value, room, 1);
    if (flat !== null) {
      this.#count(flat.bytes);
      return Object.freeze(flat.data);
    }
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
    const tag = builtinOf(value);
    // Before it is asked for its JSON: a Buffer of Node would list all of its bytes.
    if (ArrayBuffer.isView(value) || tag === "ArrayBuffer") {
      return this.#placeholder("binary", `${(value as ArrayBuffer).byteLength} bytes`);
    }
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
    if (isError(value, tag)) {
      // As they are, because converting foreign values to text may never end.
      const { name, message } = value;
      return this.#convert({ name, message }, key, depth);
    }
    if (tag !== "Object") {
      // A boxed string or number is sent as what is inside.
      const inner: unknown = value.valueOf();
      if (typeof inner !== "object") return this.value(inner, key, depth + 1);
      // JSON cannot see into a Map or a Promise: `{}` in its place would be a silent loss.
      if (firstKeys(value, 1).length === 0) return this.#placeholder("unsupported", tag);
    }
    // One more than can fit.
    const names = firstKeys(value, (this.#maxBytes - this.bytes) / KEY_BYTES + 1);
    const copy: Record<string, unknown> = {};
    for (const name of names) {
      this.#count(KEY_BYTES + name.length * CHAR_BYTES);
      const item = this.#property(value, name, depth);
      // Assigning to `__proto__` would do something else.
      if (name === "__proto__") {
        Object.defineProperty(copy, name, { value: item, enumerable: true });
      } else copy[name] = item;
    }
    return Object.freeze(copy);
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

/** The first of an object's own keys, as `Object.keys()` would list all of them. */
function firstKeys(value: object, count: number): string[] {
  const keys: string[] = [];
  for (const key in value) {
    if (keys.length >= count) break;
    if (Object.hasOwn(value, key)) keys.push(key);
  }
  return keys;
}

function placeholder(why: Placeholder["$placeholder"], preview?: string): Placeholder {
  return Object.freeze(preview ? { $placeholder: why, preview } : { $placeholder: why });
}

function previewOf(value: unknown): string {
  return typeof value === "string" ? clip(value) : summary(value);
}

function nameOf(fn: object): string | undefined {
  const name = read(fn, "name");
  return typeof name === "string" ? clip(name) : undefined;
}

/** The start of a text. */
export function clip(text: string, length = PREVIEW_LENGTH): string {
  if (text.length <= length) return text;
  // Never half a surrogate pair.
  return copyOf(text.slice(0, length).replace(/[\uD800-\uDBFF]$/, ""));
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
