import type { ContentMessage } from "../events/catalogue/content.ts";

/**
 * Plain content in at most `maxBytes`, as buses estimate: texts are cut, the longest first, and nothing else is left
 * out.
 *
 * @returns Null if that is not enough, because it has too many parts.
 */
export function cutTexts<T>(content: T, maxBytes: number): T | null {
  const missing = sizeOf(content) - maxBytes;
  if (missing <= 0) return content;
  const lengths: number[] = [];
  mapTexts(content, (text) => {
    if (text.length > MIN_LENGTH) lengths.push(text.length);
    return text;
  });
  const length = commonLength(lengths, Math.ceil(missing / 2));
  if (length < MIN_LENGTH) return null;
  return mapTexts(content, (text) => cut(text, length)) as T;
}

/**
 * Any plain content in at most `maxBytes`: with its texts cut, or else as the beginning of its JSON.
 */
export function fitValue(content: unknown, maxBytes: number): unknown {
  // Null is content, too.
  if (content === null) return null;
  return cutTexts(content, maxBytes) ?? startOfJson(content, maxBytes);
}

/**
 * A message in at most `maxBytes`: with its texts cut; else with the beginning of the JSON of what is not text; else
 * as one text. Its role stays.
 */
export function fitMessage(message: ContentMessage, maxBytes: number): ContentMessage {
  const { role, parts } = message;
  const withTexts = cutTexts(message, maxBytes);
  if (withTexts !== null) return withTexts;
  const flat = { ...message, parts: parts.map(withJson) };
  const asText = (content: string) => ({
    role: cut(role, MIN_LENGTH),
    parts: [{ type: "text", content }],
  });
  const left = maxBytes - sizeOf(asText(""));
  return cutTexts(flat, maxBytes) ?? asText(startOfJson(parts, Math.max(0, left)));
}

/** How much plain content adds to a payload, as buses estimate. */
export function sizeOf(content: unknown): number {
  if (typeof content === "string") return 2 * content.length;
  if (typeof content !== "object") return 8;
  if (content === null) return 0;
  let bytes = 16;
  if (Array.isArray(content)) {
    for (const item of content) bytes += 8 + sizeOf(item);
  } else {
    for (const key in content) {
      bytes += 16 + 2 * key.length + sizeOf(content[key as keyof typeof content]);
    }
  }
  return bytes;
}

// No text is cut shorter than this: what ids, names and types are takes less.
const MIN_LENGTH = 64;

/** A part whose structures are texts, which can be cut. */
function withJson(part: ContentMessage["parts"][number]): ContentMessage["parts"][number] {
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null ? JSON.stringify(value) : value,
    ]),
  ) as ContentMessage["parts"][number];
}

function startOfJson(content: unknown, maxBytes: number): string {
  return cut(JSON.stringify(content), Math.floor(maxBytes / 2));
}

/** The length that the longest texts have to be cut to, so that all together lose so many characters. */
function commonLength(lengths: number[], characters: number): number {
  lengths.sort((a, b) => b - a);
  let lost = 0;
  for (let count = 1; count <= lengths.length; count++) {
    const next = lengths[count] ?? 0;
    const step = (lengths[count - 1]! - next) * count;
    if (lost + step >= characters) {
      return next + Math.floor((lost + step - characters) / count);
    }
    lost += step;
  }
  return 0;
}

/** The beginning of a text; `…` says that it was cut. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.max(0, length - 1);
  const code = text.charCodeAt(end - 1);
  // Never half a surrogate pair.
  return `${text.slice(0, code >= 0xd800 && code <= 0xdbff ? end - 1 : end)}…`.slice(0, length);
}

/** Plain content with other texts; itself if none is another one. */
export function mapTexts(content: unknown, change: (text: string) => string): unknown {
  if (typeof content === "string") return change(content);
  if (typeof content !== "object" || content === null) return content;
  // What is not changed is not copied: an object of many keys costs far more to build than to look at.
  const changed = new Map<string, unknown>();
  for (const key in content) {
    const value: unknown = content[key as keyof typeof content];
    const other = mapTexts(value, change);
    if (other !== value) changed.set(key, other);
  }
  if (changed.size === 0) return content;
  const entries = Object.entries(content)
    .map(([key, value]) => [key, changed.has(key) ? changed.get(key) : value] as const);
  return Array.isArray(content) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
