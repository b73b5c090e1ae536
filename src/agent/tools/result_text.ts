/** What a tool returned or threw, as the text that the model, the events and the state get. */

import { clip } from "../../redaction/clip.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { frozenCopy } from "../json.ts";

export { clip };

const MAX_ERROR_LENGTH = 2000;

/**
 * What a tool returned, as text: strings as they are, objects and arrays as indented JSON.
 *
 * @throws {TypeError} If it is something that has yet to be read: a stream, a response, an iterator.
 * @throws Whatever a getter or a `toJSON()` of the value throws.
 */
export function resultText(value: unknown): string {
  if (value === undefined || value === null) return "Success (no output)";
  if (typeof value === "object") {
    checkReadable(value);
    const plain = frozenCopy(value);
    return typeof plain === "string" ? plain : JSON.stringify(plain, null, 2) ?? String(plain);
  }
  return String(value);
}

/** What a tool threw, as one line of text with secrets removed: `<ErrorName>: <first line>`. */
export function errorText(error: unknown): string {
  const [name, message] = read(error);
  const line = message.trimStart().split(/[\r\n]/, 1)[0] ?? "";
  return defaultRedactor().preview(line === "" ? name : `${name}: ${line}`, MAX_ERROR_LENGTH);
}

/** Cuts `text` to `maxLength` and says so; 0 means no limit. */
export function truncate(text: string, maxLength: number): string {
  if (maxLength === 0 || text.length <= maxLength) return text;
  return `${clip(text, maxLength)}\n[truncated: ${text.length} characters in full]`;
}

/** As JSON these would be `{}`, and the tool's author would wonder where the data is. */
function checkReadable(value: object): void {
  const { next, arrayBuffer } = value as { next?: unknown; arrayBuffer?: unknown };
  const isUnread = Symbol.asyncIterator in value || typeof next === "function" ||
    typeof arrayBuffer === "function";
  if (!isUnread) return;
  throw new TypeError(
    "a stream, a response or an iterator has to be read first; return its text, or plain data",
  );
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
