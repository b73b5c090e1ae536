/** Values of more than a word: lists and objects, blocks of lines, elements of XML. */

import { behind, behindBracket } from "./ends.ts";
import type { Place } from "./place.ts";
import { type Finding, hidden } from "./secret.ts";
import { isSecretText } from "./secret_values.ts";
import { isQuote, MAX_LOOK_BACK, skipBlanks } from "./text_walk.ts";

/** A list or an object in JSON; in source code, only a list of strings. */
export function bracketValue(place: Place, at: number): Finding {
  const { text, isWhole, name } = place;
  if (name.kind === "opaque" || name.kind === "query") return undefined;
  const isObject = text[at] === "{";
  if (isObject && !name.isQuoted) return bracedValue(place, at);
  const item = skipBlanks(text, at + 1, true);
  let first = item;
  while (first - item < MAX_ESCAPES && text[first] === "\\") first++;
  if (first >= text.length && !isWhole) return at;
  const isNested = name.isQuoted && (text[first] === "{" || text[first] === "[");
  if (!isQuote(text.charCodeAt(first)) && !isNested) return undefined;
  if (isObject && name.kind === "counted") {
    // `"tokens": { "input": 5 }`
    const beginning = text.slice(at, at + MAX_FIRST);
    const value = FIRST_VALUE.exec(beginning)?.[1];
    if (value === undefined && !isWhole && at + MAX_FIRST > text.length) return at;
    if (value === undefined || !"\\\"'[{".includes(value)) return undefined;
  }
  return hidden(at, at, behindBracket(first - item));
}

/** `Server=db;Pwd={hunter2};`. Elsewhere, what stands in braces is the name of a value. */
function bracedValue({ text, isWhole, name, operator, names }: Place, at: number): Finding {
  if (!operator.isEquals || at > operator.end || name.kind !== "secret") return undefined;
  BRACED.lastIndex = at;
  const value = BRACED.exec(text)?.[1];
  const end = BRACED.lastIndex;
  if (value === undefined || (end === text.length && !isWhole)) {
    return !isWhole && PART_OF_BRACED.test(text.slice(at, at + MAX_LINE)) ? at : undefined;
  }
  const isOdbc = text[name.start - 1] === ";" || text[end] === ";" || /^pwd$/i.test(name.word);
  if (!isOdbc || /^[a-z_$][\w$]*(?:\.[\w$]+)*$/i.test(value) && !/\d/.test(value)) return undefined;
  if (!isSecretText("secret", value) || names.keys.kindOf(value) !== "open") return undefined;
  return { start: at, from: end, end, show: names.replace };
}

/** `password: |`: the lines that stand further in than the name. */
export function blockValue({ text, isWhole, name, names }: Place, at: number): Finding {
  const line = text.slice(at, at + MAX_LINE);
  const mark = BLOCK.exec(line);
  if (mark === null) return !isWhole && PART_OF_BLOCK.test(line) ? at : undefined;
  const start = at + mark[0].length;
  if (start >= text.length) return isWhole ? undefined : at;
  const indent = Math.min(name.start - text.lastIndexOf("\n", name.start) - 1, MAX_LOOK_BACK);
  const end = behind(dedent(indent), indent + 2);
  return { start, from: start, end, show: (block) => `  ${names.replace(block.trim())}\n` };
}

/** A line that stands no further in than `indent`. */
function dedent(indent: number): RegExp {
  return DEDENTS[indent] ??= new RegExp(String.raw`\n(?=[ \t]{0,${indent}}\S)`, "g");
}

/** `<password>…</password>` */
export function taggedValue({ text, isWhole, name, names }: Place, at: number): Finding {
  const isData = text.startsWith(DATA, at);
  if (!isWhole && !isData && DATA.startsWith(text.slice(at))) return at;
  if (isData) return dataValue({ text, isWhole, name, names }, at + DATA.length);
  const close = at + text.slice(at, at + MAX_TAGGED).indexOf("<");
  if (close < at) return !isWhole && text.length - at < MAX_TAGGED ? at : undefined;
  if (close + 1 === text.length && !isWhole) return at;
  if (text[close + 1] !== "/") return undefined;
  const end = close + 2 + name.word.length;
  if (end > text.length && !isWhole) return at;
  if (text.slice(close + 2, end) !== name.word) return undefined;
  const value = text.slice(at, close).trimEnd();
  if (!isSecretText(name.kind, value)) return undefined;
  return { start: at, from: at, end: at + value.length, show: names.replace };
}

/** `<![CDATA[…]]>` */
function dataValue(
  { text, isWhole, name, names }: Pick<Place, "text" | "isWhole" | "name" | "names">,
  at: number,
): Finding {
  const end = at + text.slice(at, at + MAX_TAGGED).indexOf("]]>");
  if (end < at) return !isWhole && text.length - at < MAX_TAGGED ? at : undefined;
  if (!isSecretText(name.kind, text.slice(at, end))) return undefined;
  return { start: at, from: at, end, show: names.replace };
}

const MAX_LINE = 64;
const MAX_ESCAPES = 7;
const MAX_TAGGED = 1024;
const DATA = "<![CDATA[";

const MAX_FIRST = 128;

const FIRST_VALUE = /^\{\s*\\*["'][^"'\\]*\\*["']\s*:\s*(\S)/;
const BRACED = /\{((?:[^{}\r\n]|\}\}){1,60})\}/y;
const PART_OF_BRACED = /^\{(?:[^{}\r\n]|\}\}){0,60}\}?$/;
const BLOCK = /^[|>][+-]?\d?[ \t]*\r?\n/;
const PART_OF_BLOCK = /^[|>][+-]?\d?[ \t]*\r?$/;
const DEDENTS: RegExp[] = [];
