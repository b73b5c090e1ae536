/** Files that stand in JSON data as base64. */

import { isRecord } from "../../core/json.ts";

/** A file, as MCP writes it. */
type FilePart = Readonly<Record<string, unknown>>;

/**
 * Takes the files out of JSON data: base64 beside its type (`{ mimeType, data }`), in a `data:` URL, or with the first bytes
 * of a well-known format. Other text is left as it is.
 *
 * @param known The base64 of files that are known already.
 * @returns The data itself if there is no file in it; else a copy that names the type of each, and those that are not known.
 */
export function liftFiles(
  json: unknown,
  known: readonly unknown[],
): { json: unknown; files: readonly FilePart[] } {
  const seen = new Set(known);
  const files: FilePart[] = [];

  function lift(value: unknown, type?: string): unknown {
    if (typeof value === "string") {
      const mimeType = typeOf(value, type) ?? (value !== "" && seen.has(value) ? "as above" : null);
      if (mimeType === null) return value;
      if (!seen.has(value)) files.push({ type: "file", data: value, mimeType });
      seen.add(value);
      return `[see the file: ${mimeType}]`;
    }
    if (Array.isArray(value)) return keepSame(value, value.map((item) => lift(item)));
    if (!isRecord(value)) return value;
    const own = [value.mimeType, value.mediaType].find((name) => typeof name === "string");
    const entries = Object.entries(value);
    const lifted = entries.map(([key, item]) =>
      lift(item, DATA_KEYS.includes(key) ? own as string | undefined : undefined)
    );
    const isSame = entries.every(([, item], i) => item === lifted[i]);
    return isSame ? value : Object.fromEntries(entries.map(([key], i) => [key, lifted[i]]));
  }

  return { json: lift(json), files };
}

function keepSame(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.every((item, i) => item === after[i]) ? before : after;
}

/** The type of the file that a text is; null if it is none. */
function typeOf(text: string, given: string | undefined): string | null {
  const inline = /^data:([^;,]+)[^,]*;base64,/.exec(text.slice(0, 200))?.[1];
  if (inline !== undefined) return inline;
  if (!BASE64.test(text)) return null;
  if (given !== undefined) return given;
  if (text.length < MIN_LENGTH) return null;
  return FIRST_BYTES.find(([start]) => text.startsWith(start))?.[1] ?? null;
}

const DATA_KEYS = ["data", "blob", "base64", "image"];
/** A shorter text may begin like this by chance. */
const MIN_LENGTH = 64;
const BASE64 = /^[A-Za-z0-9+/]{4,}={0,2}$/;
/** How base64 of a format begins. */
const FIRST_BYTES = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["JVBERi0", "application/pdf"],
] as const;
