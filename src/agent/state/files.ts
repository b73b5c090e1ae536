/**
 * Images and other files in what is said. A message's text holds a label in the place of each, by its type and size, so
 * whatever shows, cuts, redacts or rewrites text never meets bytes; the files stand beside the text, and get back to their
 * labels when a model is asked. A file whose label was taken out of the text is not sent.
 */

import { describe, isRecord } from "../../core/options.ts";
import { deepFreeze } from "../../core/json.ts";
import { builtinOf, isUrl } from "../../runtime/realm.ts";

export interface FileContent {
  readonly type: "file";
  /** Such as `image/png`; of an image of which only that is known, `image/*`. */
  readonly mediaType: string;
  readonly filename?: string;
  /** Base64; where it is; who has it, and under which name; or a text. */
  readonly data:
    | { readonly type: "data"; readonly data: string }
    | { readonly type: "url"; readonly url: string }
    | { readonly type: "reference"; readonly reference: Readonly<Record<string, string>> }
    | { readonly type: "text"; readonly text: string };
  readonly providerOptions?: Readonly<Record<string, unknown>>;
}

/** A text, and the files whose labels are in it. */
export interface Content {
  readonly text: string;
  readonly files: readonly FileContent[];
}

export const NO_FILES: readonly FileContent[] = Object.freeze([]);

/** Base64 of about 20 MB: more, no provider takes in one request. */
const MAX_BASE64 = 28_000_000;

type Part = Readonly<Record<string, unknown>>;

/** Whether a part is a file, by the types that the AI SDK has for them in prompts and in results of tools, and MCP. */
export function isFilePart({ type }: Part): boolean {
  return FILE_TYPES.test(String(type));
}

/** Whether data is clearly a file: a list of links or of a folder's files is not. */
export function isInlineFile(part: Part): boolean {
  const type = part["mediaType"] ?? part["mimeType"] ?? part["image"];
  return isFilePart(part) && type !== undefined && (part["image"] ?? part["data"]) !== undefined;
}

/**
 * The parts as one text with labels, and the files.
 *
 * @param parts Texts and files.
 * @param joint Between two texts.
 * @throws {TypeError} If a file is none.
 * @throws {RangeError} If the files are too large together.
 */
export function toContent(owner: string, parts: readonly Part[], joint = ""): Content {
  const files = parts.filter(isFilePart).map((part) => readFile(owner, part));
  if (files.length === 0) {
    return { text: parts.map(({ text }) => text ?? "").join(joint), files: NO_FILES };
  }
  let size = 0;
  for (const { data } of files) if (data.type === "data") size += data.data.length;
  if (size > MAX_BASE64) {
    throw new RangeError(`${owner}: the files are too large, ${size} characters of base64`);
  }
  const rest = files.values();
  const texts = parts.map((part) =>
    isFilePart(part)
      ? `\n${labelOf(rest.next().value!)}\n`
      : typeof part["text"] === "string"
      ? part["text"]
      : `[${part["type"]}]`
  );
  const text = texts.join(joint).replace(/\n{2,}(?=\[)|(?<=\])\n{2,}/g, "\n").trim();
  return { text, files: Object.freeze(files) };
}

/** The text's pieces and the files between them, in their order. */
export function splitContent<T>(
  { text, files }: Content,
  toText: (text: string) => T,
  toFile: (file: FileContent) => T,
): T[] {
  if (files.length === 0) return [toText(text)];
  const pieces: T[] = [];
  let end = 0;
  const say = (piece: string) => {
    if (piece.trim() !== "") pieces.push(toText(piece.trim()));
  };
  for (const file of files) {
    const label = labelOf(file);
    const at = text.indexOf(label, end);
    if (at < 0) continue;
    say(text.slice(end, at));
    pieces.push(toFile(file));
    end = at + label.length;
  }
  say(text.slice(end));
  return pieces;
}

export function labelOf({ mediaType, filename, data }: FileContent): string {
  const kind = /^(?:image|audio|video)(?=\/|$)/.exec(mediaType)?.[0] ?? "file";
  const name = filename === undefined ? "" : ` "${filename}"`;
  return `[${kind}${name}: ${mediaType}, ${sizeOf(data)}]`;
}

function sizeOf(data: FileContent["data"]): string {
  switch (data.type) {
    case "data":
      return `${byteLength(data.data)} bytes`;
    case "text":
      return `${data.text.length} characters`;
    case "url":
      // Its path and query may open it to whoever reads this.
      return URL.canParse(data.url) ? `at ${new URL(data.url).host}` : "by its address";
    case "reference":
      return "by reference";
  }
}

/** Of what is behind base64, without decoding it. */
export function byteLength(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.max(0, Math.floor(base64.length * 3 / 4) - padding);
}

/** @throws {TypeError} If there is nothing in it that could be sent. */
function readFile(owner: string, part: Part): FileContent {
  const { filename, providerOptions } = part;
  const given = part["mediaType"] ?? part["mimeType"];
  const [data, ownType] = readData(owner, sourceOf(part));
  const type = typeof given === "string" ? given : ownType;
  // An image says itself which it is: providers look at its first bytes.
  const kind = /^(?:image|audio)/.exec(String(part["type"]))?.[0];
  const mediaType = type ?? (kind && `${kind}/*`);
  if (mediaType === undefined) {
    throw new TypeError(`${owner}: a file needs a "mediaType", such as "application/pdf"`);
  }
  return deepFreeze({
    type: "file",
    mediaType,
    ...typeof filename === "string" && { filename },
    data,
    ...isRecord(providerOptions) && { providerOptions: structuredClone(providerOptions) },
  });
}

function sourceOf(part: Part): unknown {
  return part["image"] ?? part["data"] ?? part["url"];
}

function readData(owner: string, source: unknown): [FileContent["data"], string?] {
  if (isUrl(source)) return readText(owner, source.href);
  if (typeof source === "string") return readText(owner, source);
  const kind = builtinOf(source);
  if (kind === "Uint8Array" || kind === "ArrayBuffer") {
    return [{ type: "data", data: toBase64(new Uint8Array(source as ArrayBuffer)) }];
  }
  if (isRecord(source)) {
    const { type, data, url, reference, text } = source;
    if (type === "data" || type === "url") return readData(owner, data ?? url);
    if (type === "text" && typeof text === "string") return [{ type, text }, "text/plain"];
    if (type === "reference" && isRecord(reference)) {
      return [{ type, reference: reference as Record<string, string> }];
    }
  }
  throw new TypeError(
    `${owner}: a file must be bytes, base64 or a URL, got ${describe(source)}`,
  );
}

function readText(owner: string, source: string): [FileContent["data"], string?] {
  const inline = /^data:([^;,]*)[^,]*;base64,/.exec(source.slice(0, 200));
  if (inline !== null) {
    return [{ type: "data", data: source.slice(inline[0].length) }, inline[1] || undefined];
  }
  if (BASE64.test(source)) return [{ type: "data", data: source }];
  if (source.includes("://") && URL.canParse(source)) return [{ type: "url", url: source }];
  throw new TypeError(
    `${owner}: a file must be bytes, base64 or a URL, got ${describe(source.slice(0, 40))}`,
  );
}

/** The bytes as base64: bytes cannot be frozen, and JSON cannot carry them. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a function takes only so many arguments.
  for (let i = 0; i < bytes.length; i += PIECE) {
    text += String.fromCharCode(...bytes.subarray(i, i + PIECE));
  }
  return btoa(text);
}

const PIECE = 8192;
const FILE_TYPES = /^(?:image|file|media|audio)(?:-data|-url)?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

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
  if (!ALL_BASE64.test(text)) return null;
  if (given !== undefined) return given;
  if (text.length < MIN_LENGTH) return null;
  return FIRST_BYTES.find(([start]) => text.startsWith(start))?.[1] ?? null;
}

const DATA_KEYS = ["data", "blob", "base64", "image"];
/** A shorter text may begin like this by chance. */
const MIN_LENGTH = 64;
const ALL_BASE64 = /^[A-Za-z0-9+/]{4,}={0,2}$/;
/** How base64 of a format begins. */
const FIRST_BYTES = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["JVBERi0", "application/pdf"],
] as const;
