/** Finds the value behind an operator, if it is a secret. */

import { before, beforeQuote, behind, behindQuote } from "./ends.ts";
import { isParameter, kindOfSibling, type Name, type Needs } from "./names_in_text.ts";
import { isSecretOfPair } from "./pairs.ts";
import type { Place } from "./place.ts";
import { type End, type Finding, hidden, mask } from "./secret.ts";
import { isSecretText, isSecretWord } from "./secret_values.ts";
import { ENOUGH, isQuote, skipBlanks, VALUE_END, valueWordAt } from "./text_walk.ts";
import { blockValue, bracketValue, taggedValue } from "./value_blocks.ts";

/** The secret that stands behind the operator. */
export function valueAt(place: Place): Finding {
  const { text, isWhole, name, operator, names } = place;
  if (name.kind === "named") {
    const kind = kindOfSibling(text, name, names.keys);
    return kind === "open" ? undefined : valueAt({ ...place, name: { ...name, kind } });
  }
  const mayBreak = operator.needs === "tag" || name.isQuoted;
  const blank = skipBlanks(text, operator.end, mayBreak);
  // `password: &shared !!str …`
  TYPE.lastIndex = blank;
  const isTyped = text[operator.end - 1] === ":" && (text[blank] === "!" || text[blank] === "&");
  if (isTyped && !isWhole && PART_OF_TYPE.test(text.slice(blank, blank + MAX_TYPE))) return blank;
  const at = isTyped && TYPE.test(text) ? TYPE.lastIndex : blank;
  const found = untypedAt(place, at);
  // What looked like a type may be a secret of its own.
  return typeof found === "number" ? Math.min(found, blank) : found;
}

function untypedAt(place: Place, at: number): Finding {
  const { text, isWhole, name, operator } = place;
  // What it is may depend on what follows.
  if (at >= text.length) return isWhole ? undefined : at;
  if (operator.needs === "call" && !CALLED.test(name.word)) return undefined;
  const first = text.charCodeAt(at);
  if (operator.needs === "call" && LOGIN.test(name.word)) {
    const second = wrappedAt({ ...place, name: { ...name, kind: "secret" } }, at, SECOND);
    if (second !== undefined || !SETTER.test(name.word)) return second;
  }
  if (isQuote(first)) return quotedValue(place, at, at);
  if (first === BACKSLASH || prefixLength(text, at) > 0) {
    let open = at + prefixLength(text, at);
    while (open - at < MAX_ESCAPES && text.charCodeAt(open) === BACKSLASH) open++;
    if (open >= text.length && !isWhole) return at;
    if (isQuote(text.charCodeAt(open))) return quotedValue(place, at, open);
  }
  // `b'…'`
  if (!isWhole && at + 2 >= text.length && PART_OF_PREFIX.test(text.slice(at))) return at;
  if (operator.needs === "tag") return taggedValue(place, at);
  const wrapped = wrappedAt(place, at, WRAPPER);
  if (wrapped !== undefined) return wrapped;
  if (operator.needs !== undefined && STRINGS.has(operator.needs)) return undefined;
  if (first === OPENING_BRACKET || first === OPENING_BRACE) return bracketValue(place, at);
  if (first === BAR || first === GREATER) return blockValue(place, at);
  const isLine = name.kind === "authorization" || (name.kind === "cookie" && !operator.isEquals);
  return isLine ? lineValue(place, at) : wordValue(place, at);
}

/** `Some("hunter2")`, `new SecretString("hunter2")`, and the second argument of `login(ada, "hunter2")`. */
function wrappedAt(place: Place, at: number, form: RegExp): Finding {
  const { text, isWhole } = place;
  form.lastIndex = at;
  if (!form.test(text)) {
    return !isWhole && PART_OF_CALL.test(text.slice(at, at + MAX_CALL)) ? at : undefined;
  }
  const end = form.lastIndex;
  const needs = place.operator.needs === "call" ? "call" : "wrapped";
  const found = quotedValue({ ...place, operator: { end, isEquals: false, needs } }, end, end);
  return typeof found === "number" ? at : found;
}

function quotedValue({ text, isWhole, name, operator, names }: Place, at: number, open: number) {
  const quote = text[open]!;
  // In "`token=` and" the quotes are around the name.
  if (at === operator.end && !name.isQuoted && text[name.start - 1] === quote) return undefined;
  // Compared is what a parser reads as well.
  if (operator.isComparison && name.kind !== "secret") return undefined;
  if (name.kind === "host") return undefined;
  if (!isWhole && text.length - open < 3) return at;
  const isTriple = text[open + 1] === quote && text[open + 2] === quote;
  const from = open + (isTriple ? 3 : 1);
  const escapes = open - at - prefixLength(text, at);
  const end = isTriple ? behind(new RegExp(quote.repeat(3), "g"), 2) : behindQuote(quote, escapes);
  const beginning = text.slice(0, from + ENOUGH);
  const close = end(beginning, from);
  if (close < 0 && !isWhole && beginning.length < from + ENOUGH) return at;
  const inside = withoutQuote(beginning.slice(from, close < 0 ? undefined : close));
  const { kind } = name;
  const isWeak = operator.needs === "call"
    ? !SETTER.test(name.word)
    : operator.needs !== undefined && WEAK.has(operator.needs);
  if (isWeak && !isSecretOfPair(kind, name.word, inside)) return undefined;
  if (kind === "authorization") {
    const scheme = inside.slice(0, inside.search(/[ \t]|$/));
    if (scheme !== inside && isScheme(scheme)) {
      return credentialsAt(text, from, isWhole, scheme, beforeQuote(quote, escapes));
    }
  }
  if (!isSecretText(kind, inside)) return undefined;
  const show = (whole: string) => names.replace(withoutQuote(whole.slice(from - at)));
  if (close >= 0) return { start: at, from: close, end: close, show };
  // The search goes on where it has been.
  return { start: at, from: beginning.length, end, show };
}

/** `Bearer …`, `Basic …`, `Token …`: the word is kept. */
function credentialsAt(
  text: string,
  at: number,
  isWhole: boolean,
  scheme: string,
  lineEnd: End,
): Finding {
  let start = skipBlanks(text, at + scheme.length);
  const quote = text.charCodeAt(start);
  if (isQuote(quote)) start++;
  const word = valueWordAt(text, start);
  if (!isWhole && start + word.length === text.length && word.length < ENOUGH) return start;
  if (!isSecretText("secret", word)) return undefined;
  if (scheme.toLowerCase() !== "bearer") {
    return hidden(start, start, isQuote(quote) ? beforeQuote(text[start - 1]!, 0) : lineEnd);
  }
  return { start, from: start, end: TOKEN_END, show: mask };
}

function isScheme(word: string): boolean {
  return word.length <= LONGEST_SCHEME && SCHEMES.has(word.toLowerCase());
}

/** A value that ends with its line, or with the string that the line is in. */
function lineValue({ text, isWhole, name, operator, names }: Place, at: number): Finding {
  const word = valueWordAt(text, at);
  if (!isWhole && at + word.length === text.length && word.length < ENOUGH) return at;
  const lineEnd = LINE_ENDS[text[name.start - 1] ?? ""] ?? LINE_END;
  if (isScheme(word)) return credentialsAt(text, at, isWhole, word, lineEnd);
  const next = skipBlanks(text, at + word.length);
  const second = next === at + word.length ? "" : valueWordAt(text, next);
  if (!isWhole && next + second.length === text.length) return at;
  if (second !== "" && !isSecretText(name.kind, `${word} ${second}`)) return undefined;
  if (!isSecretWord(name.kind, word, false, names.keys)) return undefined;
  return hidden(at, at, operator.isEquals ? WORD_END : lineEnd);
}

function wordValue({ text, isWhole, name, operator, names }: Place, at: number): Finding {
  const word = valueWordAt(text, at);
  if (!isWhole && at + word.length === text.length && word.length < ENOUGH) return at;
  const next = text[at + word.length];
  if ((next === " " || next === "\t") && isScheme(word)) {
    return credentialsAt(text, at, isWhole, word, WORD_END);
  }
  if (operator.needs === "flag" && /^[a-z]{1,12}$/.test(word)) return undefined;
  // Not with `tokens += count`.
  const isTight = operator.isEquals && at === operator.end &&
    text.charCodeAt(operator.end - 2) !== PLUS;
  if (!isTight && (name.kind === "host" || word === name.word)) return undefined;
  if (!isSecretWord(name.kind, word, isTight, names.keys)) return undefined;
  const stop = isTight ? endOfTight(text, name) : WORD_END;
  const end = stop === WORD_END && word.length < ENOUGH ? at + word.length : stop;
  return { start: at, from: at, end, show: names.replace };
}

/** What a shell reads ends with a space: `DB_PASSWORD=a,b;c`. A parameter of a URL ends with the next. */
function endOfTight(text: string, name: Name): End {
  if (isParameter(text, name)) return PARAMETER_END;
  const before = name.start === 0 ? 10 : text.charCodeAt(name.start - 1);
  const isVariable = (before === 10 || before === 32) && VARIABLE.test(name.word);
  return isVariable ? SPACE : WORD_END;
}

/** How long the letters before a quote are that belong to the string: `b'…'`, `@"…"`, `rb'…'`. */
function prefixLength(text: string, at: number): number {
  if (!STRING_PREFIXES.includes(text[at]!)) return 0;
  if (isQuote(text.charCodeAt(at + 1))) return 1;
  return isQuote(text.charCodeAt(at + 2)) && STRING_PREFIXES.includes(text[at + 1]!) ? 2 : 0;
}

function withoutQuote(text: string): string {
  let end = text.length;
  while (end > 0 && isQuote(text.charCodeAt(end - 1))) end--;
  if (end === text.length) return text;
  while (end > 0 && text[end - 1] === "\\") end--;
  return text.slice(0, end);
}

const MAX_ESCAPES = 7;
const STRING_PREFIXES = "bBuUrRfFLN@$8";
const PART_OF_PREFIX = /^[bBuUrRfFLN@$8]{1,2}$/;
const TYPE = /(?:(?:&[A-Za-z_](?:-?\w){0,15}|!!\w{1,16})[ \t]{1,8}){1,2}/y;
const PART_OF_TYPE = /^(?:(?:&(?:[A-Za-z_][\w-]{0,31})?|!{1,2}\w{0,16})[ \t]{0,8}){1,2}$/;
const MAX_TYPE = 128;

/** What needs a string, and what a string of which is neither a name nor prose. */
const STRINGS: ReadonlySet<Needs> = new Set(["quotes", "string", "pair", "call"]);
const WEAK: ReadonlySet<Needs> = new Set(["string", "pair", "wrapped"]);

// `setPassword(`, `.withApiKey(`
const SETTER = /^(?:set|with|change|update)(?:_|(?=[A-Z]))/i;
const LOGIN =
  /(?:log_?in|sign_?in|authenticate|basic_?auth|credentials?|passwordauthentication)$|^auth$/i;
const CALLED = new RegExp(
  `${SETTER.source}|${LOGIN.source}|^(?:hash|verify|check|compare)_?passw|` +
    `^(?:passw(?:or)?d|passphrase|pwd|(?:api|secret|private)_?key|(?:access|auth|bearer)_?(?:token|auth)|` +
    `client_?secret|secret_?(?:str|string|value)?)$`,
  "i",
);
const WRAPPER =
  /(?:Some|Just|str|String|bytes|Buffer\.from|atob|b64decode|Secret\w{0,8}|Password|ApiKey|new [A-Z]\w{0,31})\(\s{0,4}(?=["'`])/y;
const SECOND = /(?:(["'])[^"'\\\n]{0,64}\1|[\w.$]{1,64})\s{0,8},\s{0,8}(?=["'`])/y;
const PART_OF_CALL = /^(?:["']?[^"'\\\n,(]{0,64}["']?\s{0,8},?\s{0,8}|[\w. ]{1,40}\(\s{0,4})$/;
const MAX_CALL = 160;

const BACKSLASH = 92;
const BAR = 124;
const GREATER = 62;
const PLUS = 43;
const OPENING_BRACE = 123;
const OPENING_BRACKET = 91;

const SPACE = before(/[\s"'`]/g);
const WORD_END = before(VALUE_END);
const PARAMETER_END = before(/[\t-\r ,;&"'`)\]}<#\\]/g);
const TOKEN_END = before(/[^\w.~+/=-]/g);
const LINE_END = before(/[\r\n\\]/g);
const LINE_ENDS: Readonly<Record<string, End>> = {
  '"': before(/[\r\n\\"]/g),
  "'": before(/[\r\n\\']/g),
  "`": before(/[\r\n\\`]/g),
};

const SCHEMES: ReadonlySet<string> = new Set(
  `bearer basic token digest negotiate ntlm apikey api-key hawk oauth aws4-hmac-sha256 ssws jwt bot
   key dpop splunk geniekey`.split(/\s+/),
);
const LONGEST_SCHEME = 16;
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
