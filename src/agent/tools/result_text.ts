/** What a tool returned or threw, as the text that the model, the events and the state get. */

import { frozenCopy } from "../json.ts";
import { redactSecrets } from "./redact.ts";

const MAX_ERROR_LENGTH = 2000;

/**
 * What a tool returned, as text: strings as they are, objects and arrays as indented JSON.
 *
 * @throws Whatever a getter or a `toJSON()` of the value throws.
 */
export function resultText(value: unknown): string {
  if (value === undefined || value === null) return "Success (no output)";
  if (typeof value === "object") {
    const plain = frozenCopy(value);
    return typeof plain === "string" ? plain : JSON.stringify(plain, null, 2) ?? String(plain);
  }
  return String(value);
}

/** What a tool threw, as one line of text with secrets removed: `<ErrorName>: <first line>`. */
export function errorText(error: unknown): string {
  const [name, message] = read(error);
  // Redacted first and cut second: half a secret is not recognised as one.
  const line = (message.trimStart().split(/[\r\n]/, 1)[0] ?? "").slice(0, 2 * MAX_ERROR_LENGTH);
  return clip(redactSecrets(line === "" ? name : `${name}: ${line}`), MAX_ERROR_LENGTH);
}

/** Cuts `text` to `maxLength` and says so; 0 means no limit. */
export function truncate(text: string, maxLength: number): string {
  if (maxLength === 0 || text.length <= maxLength) return text;
  return `${clip(text, maxLength)}\n[truncated: ${text.length} characters in full]`;
}

/** The first `length` characters, but never half a surrogate pair. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length);
}

// Anything can be thrown, and its getters can throw in turn.
function read(error: unknown): [name: string, message: string] {
  try {
    if (error instanceof Error) return [String(error.name) || "Error", String(error.message)];
    return ["Error", String(error)];
  } catch {
    return ["Error", "the tool threw a value that cannot be shown"];
  }
}
