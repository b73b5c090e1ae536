/** Finds the name before an operator: `"apiKey":`, `db_password =`, `user[token]=`, `<secret>`. */

import type { SecretKeys } from "./secret_keys.ts";
import type { KeyKind } from "./secret_names.ts";
import { isQuote, MAX_LOOK_BACK, skipBack, wordBefore } from "./text_walk.ts";

/** What stands between a name and its value. */
export interface Operator {
  readonly end: number;
  readonly isEquals: boolean;
  readonly isComparison?: boolean;
  /** What has to be there besides, because it has other meanings as well. */
  readonly needs?: Needs;
}

/**
 * - `quotes`: a string; `string`, `pair`, `call` and `wrapped`: one that is neither a name nor prose.
 * - `tag`: an element of XML.
 * - `flag`: anything but a word of small letters.
 */
export type Needs = "any" | "quotes" | "string" | "pair" | "call" | "wrapped" | "tag" | "flag";

/** A name in a text. */
export interface Name {
  readonly start: number;
  readonly word: string;
  readonly isQuoted: boolean;
  readonly kind: KeyKind;
}

/** The operator that begins at `at`, where a `=`, `:`, `>`, `,` or `(` stands. */
export function operatorAt(text: string, at: number): Operator | undefined {
  switch (text[at]) {
    case ",":
      return { end: at + 1, isEquals: false, needs: "pair" };
    case "(":
      return { end: at + 1, isEquals: false, needs: "call" };
    case ">":
      if (text[at - 1] === "-") return { end: at + 1, isEquals: false, needs: "string" };
      return { end: at + 1, isEquals: false, needs: "tag" };
    case ":": {
      // `:=`, and `::=` and `:::=` of makefiles, but not `Token::new`.
      let end = at + 1;
      while (text[end] === ":" && end - at < 3) end++;
      if (text[end] === "=") return { end: end + 1, isEquals: false };
      return end === at + 1 ? { end, isEquals: false } : undefined;
    }
    default: {
      if (text[at + 1] === ">") return { end: at + 2, isEquals: false, needs: "quotes" };
      if (text[at + 1] !== "=") return { end: at + 1, isEquals: true };
      const end = at + (text[at + 2] === "=" ? 3 : 2);
      return { end, isEquals: false, isComparison: true, needs: "quotes" };
    }
  }
}

/** The name that stands before the operator at `at`; undefined if there is none, or it says nothing. */
export function nameBefore(text: string, at: number, keys: SecretKeys): Name | undefined {
  let operator = text.charCodeAt(at);
  let end = at;
  const before = text.charCodeAt(at - 1);
  // `password -> "…"`, `auth=("ada", "…")`
  if (operator === GREATER && before === DASH) operator = DASH;
  if (operator === DASH || (operator === PAREN && before === EQUALS)) end--;
  while (end > 0 && at - end < MAX_FILLERS && isFiller(text.charCodeAt(end - 1))) end--;
  if (operator === GREATER && isQuote(text.charCodeAt(end - 1))) return tagBefore(text, at, keys);
  end = withoutBrackets(text, end);
  const isQuoted = isQuote(text.charCodeAt(end - 1));
  if (isQuoted) {
    end--;
    while (at - end < MAX_FILLERS && text.charCodeAt(end - 1) === BACKSLASH) end--;
  } else if (operator === COMMA) return undefined;
  // Operators are frequent and secrets are not, so nothing is allocated before a name may be one.
  const kind = keys.kindAt(text, end, Math.max(0, end - MAX_NAME), false);
  return kind === "open" ? undefined : nameAt(text, end, operator, isQuoted, kind, keys);
}

/** Before the brackets of `user[token]=`, `token[]=`, `token[0]=` and `user%5Btoken%5D=`. */
function withoutBrackets(text: string, end: number): number {
  if (text.charCodeAt(end - 1) === CLOSING_BRACKET) {
    const index = /\[\d{0,4}\]$/.exec(text.slice(Math.max(0, end - 6), end));
    return end - (index?.[0].length ?? 1);
  }
  if (text[end - 3] !== "%" || !/^%5d$/i.test(text.slice(end - 3, end))) return end;
  return /^%5b$/i.test(text.slice(end - 6, end - 3)) ? end - 6 : end - 3;
}

/** The name of an element with attributes, or in a namespace: `<wsse:Password Type="…">`. */
function tagBefore(text: string, end: number, keys: SecretKeys): Name | undefined {
  const from = Math.max(0, end - MAX_LOOK_BACK);
  const before = text.slice(from, end);
  const open = before.lastIndexOf("<") + 1;
  const element = before.slice(open);
  const word = open === 0 ? undefined : TAG.exec(element)?.[0];
  if (word === undefined) return undefined;
  // `<entry key="password">`
  const said = TITLE.exec(element)?.[1] ?? word;
  const kind = keys.kindOf(said);
  return kind === "open" ? undefined : { start: from + open, word, isQuoted: false, kind };
}

function nameAt(
  text: string,
  end: number,
  operator: number,
  isQuoted: boolean,
  kind: KeyKind,
  keys: SecretKeys,
): Name | undefined {
  const word = wordBefore(text, end);
  const start = end - word.length;
  if (operator === GREATER && text[start - 1] !== "<") return tagBefore(text, end, keys);
  if (operator === COMMA && !isFirstOfPair(text, start)) return undefined;
  if (kind === "host" && (operator !== EQUALS || isQuoted)) return undefined;
  if (operator === PAREN ? NOT_CALLED.has(kind) : kind === "login") return undefined;
  const name = { start, word, isQuoted, kind };
  // The short names of parameters mean something else elsewhere.
  if (!isParameter(text, name)) return kind === "query" ? undefined : name;
  return kind === "opaque" ? { ...name, kind: "query" } : name;
}

/** Whether it is the name of a parameter of a URL. */
export function isParameter(text: string, { start, word }: Pick<Name, "start" | "word">): boolean {
  const before = text[start - 1];
  if (before === "?" || before === "&") return true;
  // As HTML and JSON may write the `&`.
  return before === ";"
    ? text.startsWith("&amp", start - 5)
    : before === "\\" && AMPERSAND.test(word);
}

/** What the other half of a pair says: `"name": "api_key", "value": "…"`. */
export function kindOfSibling(text: string, { start: value }: Name, keys: SecretKeys): KeyKind {
  if (text[value - 1] === "<") {
    const said = KEY.exec(text.slice(Math.max(0, value - MAX_LOOK_BACK), value))?.[2];
    return said === undefined ? "open" : keys.kindOf(said);
  }
  const end = skipBack(text, value, " \t\r\n,\"'`\\");
  const name = wordBefore(text, end);
  const operator = skipBack(text, end - name.length, " \"'`\\");
  const title = skipBack(text, operator, ":= ");
  const word = wordBefore(text, skipBack(text, title, " \"'`\\")).toLowerCase();
  const isTitle = title < operator && TITLES.has(word);
  return isTitle ? keys.kindOf(name) : "open";
}

/** Whether a string begins a list, follows a comma in one, or is an argument: what follows may be its value. */
function isFirstOfPair(text: string, start: number): boolean {
  const at = skipBack(text, start, "\\\"' \t\r\nbu");
  return at === 0 || "[(,".includes(text[at - 1]!);
}

/** Blanks, and what stands before the equals sign in `??=`, `+=`, `.=`, and before the colon in `token?:`. */
function isFiller(code: number): boolean {
  return code === 32 || code === 9 || code === 63 || code === 124 || code === 43 || code === 46 ||
    code === 33;
}

/** What a pair may call the half that says what the other half is. */
export const TITLES: ReadonlySet<string> = new Set(
  ["name", "key", "header", "field", "variable", "parameter", "label", "id"],
);
const NOT_CALLED: ReadonlySet<KeyKind> = new Set(["cookie", "counted", "query", "named", "host"]);
const TITLE = /\s(?:name|key|id)=\\*["']([\w.-]{1,64})\\*["']/i;
const KEY = /<(key|name)>\s{0,8}([\w.-]{1,64})<\/\1>\s{0,64}<$/i;
const TAG = /^(?:[\w.-]+:)?[\w.-]+(?=\s|$)/;
const AMPERSAND = /^u0026/;
const MAX_NAME = 64;
const MAX_FILLERS = 16;

const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const COMMA = 44;
const EQUALS = 61;
const DASH = 45;
const GREATER = 62;
const PAREN = 40;
