import { builtinOf } from "../runtime/realm.ts";

/**
 * A value as an error message shows it: short, and never its contents when it is an object.
 *
 * An object that is more than plain data is named by its kind, so that the mistake shows: a promise without
 * `await`, a bus in place of the options that hold it.
 */
export function describe(value: unknown): string {
  const text = summary(value);
  try {
    if (text === PLAIN) return kindOf(value as Record<string, unknown>);
    return text === FUNCTION && isClass(value) ? "a class; is `new` missing?" : text;
  } catch {
    // A proxy that was revoked, or a getter that throws.
    return text;
  }
}

/** The same of a value that is not an argument: nothing of it is read, and no code of it runs. */
export function summary(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    case "object":
      return isArray(value) ? "an array" : PLAIN;
    case "function":
      return FUNCTION;
    case "bigint":
      // Writing out a number of a million digits takes seconds.
      return value < 2n ** 128n && value > -(2n ** 128n) ? `${value}n` : "a bigint";
    default:
      return String(value);
  }
}

/** Whether `value` is an object that holds options, or other data by name, not an object of another kind. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return describe(value) === PLAIN;
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

/** Whether `value` has a method of that name. */
export function hasMethod(value: unknown, name: PropertyKey): boolean {
  try {
    return typeof (value as Record<PropertyKey, unknown> | null | undefined)?.[name] === "function";
  } catch {
    return false;
  }
}

const PLAIN = "an object";
const FUNCTION = "a function";

/** By what it can do, and not by its class: that may be of another realm, or of another copy of a module. */
function kindOf(value: Record<string, unknown>): string {
  if (typeof value.then === "function") return "a promise; is `await` missing?";
  if (typeof value.subscribeGlobal === "function") return "an event bus";
  let tag = builtinOf(value);
  if (tag === "Object") {
    // An instance without data properties, such as an agent. One with data may be meant as options.
    const name = value.constructor?.name;
    if (!name || name === tag || Object.keys(value).length > 0) return PLAIN;
    tag = name;
  }
  return `${/^[AEIOU]/.test(tag) ? "an" : "a"} ${tag}`;
}

function isClass(value: unknown): boolean {
  return Function.prototype.toString.call(value).startsWith("class");
}
