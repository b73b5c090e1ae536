/** What a tool returned or threw, as the text that the model, the events and the state get. */

import { clip } from "../../redaction/clip.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { frozenCopy, isRecord } from "../../core/json.ts";
import { isError } from "../../runtime/realm.ts";
import { type Content, isFilePart, isInlineFile, NO_FILES, toContent } from "./files.ts";

export { clip };

const MAX_ERROR_LENGTH = 2000;
/** What else may stand in `{ type: "content" }` of the AI SDK. */
const PART_TYPES = /^(?:text|custom|(?:image|file)-(?:id|file-id|reference|file-reference))$/;

/**
 * What a tool returned, as text and files. Files are in an array of parts, all of them texts and files, or in the AI SDK's
 * `{ type: "content", value: parts }`; anything else is text.
 *
 * @throws As `resultText()` does, and if what looks like a file is none.
 */
export function resultContent(value: unknown): Content {
  const { type, value: inner } = Object(value) as { type?: unknown; value?: unknown };
  const parts: unknown = type === "content" ? inner : value;
  const isContent = Array.isArray(parts) && parts.every(isRecord) &&
    (type === "content"
      ? parts.every((part) => PART_TYPES.test(String(part["type"])) || isFilePart(part))
      : parts.some(isInlineFile) &&
        parts.every((part) => part["type"] === "text" || isInlineFile(part)));
  return isContent
    ? toContent("a part", parts, "\n")
    : { text: resultText(value), files: NO_FILES };
}

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

/** The key of a result that is kept elsewhere, as the note in its place says it; null for any other text. */
export function referenceKeyOf(text: string): string | null {
  return REFERENCE.exec(text)?.[1] ?? null;
}

const REFERENCE = /^\[stored: \d+ characters as "([A-Za-z0-9._-]+)"; /;

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
    if (isError(error)) return [String(error.name) || "Error", String(error.message)];
    return ["Error", String(error)];
  } catch {
    return ["Error", "the tool threw a value that cannot be shown"];
  }
}

/** Prints `what` failed and why, with secrets removed. */
export function report(what: string, error: unknown): void {
  console.error(`Locus: ${what}: ${errorText(error)}`);
}
