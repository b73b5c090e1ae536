/** Whether the value of a name is a secret: one rule for data and for texts. */

import type { SecretKeys } from "./secret_keys.ts";
import type { KeyKind } from "./secret_names.ts";
import { ENOUGH } from "./text_walk.ts";

/** Whether a text under a name of that kind is a secret. Its beginning tells. */
export function isSecretText(kind: KeyKind, whole: string): boolean {
  const text = whole.length <= ENOUGH ? whole : whole.slice(0, ENOUGH);
  if (text === "" || kind === "open" || kind === "named") return false;
  if (kind === "counted" && (COUNT.test(text) || IDENTIFIERS.test(text))) return false;
  if (isOrdinary(text)) return false;
  switch (kind) {
    case "token":
      return !isSmallNumber(text);
    case "query":
      return !SHORT_NUMBER.test(text);
    case "coded":
      return /\d/.test(text) && !isSmallNumber(text, 3);
    case "opaque":
      return isOpaque(text);
    case "cookie":
      return text.includes("=") || !PROSE_OF_COOKIES.test(text);
    case "authorization":
      return !PROSE_OF_ACCESS.test(text);
    default:
      return true;
  }
}

/** Whether a number under a name of that kind is a secret: a PIN is, a count is not. */
export function isSecretNumber(kind: KeyKind, value: number | bigint): boolean {
  return kind === "secret" || (kind === "token" && !isSmallNumber(String(value))) ||
    (kind === "coded" && !isSmallNumber(String(value), 3));
}

/**
 * Whether a text without quotes is a secret: there, it may also be a type, an expression or prose.
 *
 * @param isTight Whether it follows its equals sign at once, as in a shell or in a file of settings. In source
 * code and prose there is a space.
 */
export function isSecretWord(
  kind: KeyKind,
  word: string,
  isTight: boolean,
  keys: SecretKeys,
): boolean {
  if (!isSecretText(kind, word)) return false;
  if (isTight) return true;
  if (kind === "counted" && !MIXED.test(word)) return false;
  if (LETTERS.test(word)) {
    // `token: Token`
    return !PROSE.has(word) && !TYPES.has(word) &&
      (!PASCAL.test(word) || keys.kindOf(word) === "open");
  }
  if (EXPRESSION.test(word)) return false;
  const member = MEMBER.exec(word)?.[1];
  return member === undefined || keys.kindOf(member) === "open";
}

/** Whether a text looks as if chance had made it. */
export function isOpaque(text: string): boolean {
  if (text.length < 16 || !OPAQUE.test(text) || UUID.test(text)) return false;
  return text.split(SEPARATORS).some((run) =>
    run.length >= 12 && /\d\D*\d/.test(run) && /[A-Za-z].*[A-Za-z]/.test(run)
  );
}

/** Whether it is a literal, stands for a value that is not there, was redacted before, or has no letter. */
function isOrdinary(text: string): boolean {
  if (text.length <= LONGEST_LITERAL && LITERALS.has(text.toLowerCase())) return true;
  if (text.length === 13 && text.startsWith("...", 6)) return true;
  const first = text.charCodeAt(0);
  const isLetter = (first >= 97 && first <= 122) || (first >= 65 && first <= 90);
  if (isLetter) return text.includes(".env") && ENVIRONMENT.test(text);
  return PLACEHOLDER.test(text) || !LETTER_OR_DIGIT.test(text);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

// A token of five digits is the number of one; a code for a person to type has six.
function isSmallNumber(text: string, digits = 5): boolean {
  return (text.length <= digits && /^\d+$/.test(text)) || /^-\d{1,5}$|^-?\d+\.\d+$/.test(text);
}

const LITERALS: ReadonlySet<string> = words(
  `true false null undefined none nil nan yes no on off n/a empty unset required optional string
   number integer boolean object array include omit same-origin bearer basic
   enabled disabled valid invalid missing present absent expired required denied granted accepted
   rejected refused revoked failed incorrect wrong malformed unknown configured unavailable`,
);
const LONGEST_LITERAL = 11;

const TYPES: ReadonlySet<string> = words(
  `string str String Text number int integer float bool boolean bytes unknown any never void object
   symbol bigint Buffer Optional Array Record Promise Map Set
   await async new function typeof yield return lambda self this readonly const`,
);

const PROSE: ReadonlySet<string> = words(
  `a an and are at by can do for how if in is it may must not of on or see should that the this to
   use was what when where which who why with you your`,
);

// `chocolate chip recipe`: a cookie has an equals sign in its first word.
const PROSE_OF_COOKIES = /^[^\s;]+\s+\S/;
const PROSE_OF_ACCESS = /^[a-z]+ [a-z]+(?:[\s.,]|$)/;
const PLACEHOLDER =
  /^(?:\*+$|\.{3}$|…$|<[^>]*>$|\[redacted|\$[A-Za-z_]\w*$|\$\{|\$\(|\{\{|<%|\{[\w.]*\}$|%\w+%$)/i;
const ENVIRONMENT = /^(?:process|import\.meta|Deno|Bun|os)\.env/;

const LETTER_OR_DIGIT = /[A-Za-z0-9]|[^\s -~]/;
const COUNT = /^[-+~≈<>]?\d[\d.,_/:]*\s?(?:[kKmMgGbB%]|tokens?|[km]?s)?$/;
const SHORT_NUMBER = /^\d{1,5}$/;
// `gen_ai.usage.input_tokens`
const IDENTIFIERS = /^[A-Za-z]+(?:[._][A-Za-z]+)+$/;
const MIXED = /^(?=\D*\d)(?=.*[A-Za-z])[^.()[\]{}]+$/;

// `readToken(`, `env[`, `/^…/`, `./path`, `/run/secrets/path`, `*alias`
const EXPRESSION =
  /^[A-Za-z_$][\w$]*(?:\??\.#?[\w$]+)*[([]|^\(|^\/\^|^\.{1,2}\/|^~\/|^(?:\/[a-z_.-]+){2}|^\\|^\*[A-Za-z_-]+$/;
const MEMBER = /^(?:[A-Za-z_$][\w$]*\??\.)+#?([A-Za-z_$][\w$]*)$/;
const LETTERS = /^[A-Za-z]+$/;
const PASCAL = /^(?:[A-Z][a-z]+)+$/;

const OPAQUE = /^[\w+/=.~:|-]+$/;
const SEPARATORS = /[^A-Za-z0-9]/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
