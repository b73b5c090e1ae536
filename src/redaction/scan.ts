import { nameBefore, operatorAt } from "./names_in_text.ts";
import { nextHash, OpeningIndex } from "./opening_index.ts";
import type { Finding, Secret } from "./secret.ts";
import { botTokenAt, userInfoAt } from "./urls.ts";
import type { Names } from "./place.ts";
import { valueAt } from "./values_in_text.ts";

/** What is known while no secret is. */
export interface Pending {
  /** Where to go on when more text has come. */
  readonly at: number;
  /** What comes before this may be shown. */
  readonly shown: number;
}

/**
 * The first secret at or behind `from`, or how far the text may be shown.
 *
 * It walks over the text once. Only where three characters are the beginning of a known secret, or an operator
 * stands behind the name of one, is anything else looked at, and from there no further than a constant. So the
 * time is proportional to the length of the text, whatever the text.
 *
 * @param isWhole Whether nothing follows the text.
 */
export function findSecret(
  text: string,
  from: number,
  isWhole: boolean,
  names: Names,
): Secret | Pending {
  const { begins } = index ??= new OpeningIndex();
  // Before the first character there are none, which count as zero.
  let hash = nextHash(text.charCodeAt(from - 2), text.charCodeAt(from - 1));
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    hash = nextHash(hash, code);
    // One condition that hardly ever holds: words begin too irregularly for a processor to foresee.
    if (begins[hash] === 0 && !isOperator(code)) continue;
    let found: Finding;
    if (isOperator(code)) found = afterOperator(text, at, isWhole, names);
    if (found === undefined && at >= 2 && begins[hash] === 1) {
      found = index.find(text, at - 2, hash, isWhole, names);
    }
    if (found !== undefined) return typeof found === "object" ? found : { at, shown: found };
  }
  return { at: text.length, shown: text.length };
}

let index: OpeningIndex | undefined;

/** Letters take one comparison, and spaces two. */
function isOperator(code: number): boolean {
  return code <= GREATER && code >= PAREN && ((OPERATORS >> (code - PAREN)) & 1) === 1;
}

function afterOperator(text: string, at: number, isWhole: boolean, names: Names): Finding {
  if (text.charCodeAt(at) === COLON) {
    const next = text.charCodeAt(at + 1);
    if (next === SLASH && text.charCodeAt(at + 2) === SLASH) {
      return userInfoAt(text, at + 3, isWhole);
    }
    if (next === BACKSLASH) {
      if (text.startsWith(ESCAPED, at + 1)) return userInfoAt(text, at + 5, isWhole);
      if (!isWhole && ESCAPED.startsWith(text.slice(at + 1, at + 5))) return at;
    }
    if (next === CAPITAL_A) {
      const token = botTokenAt(text, at, isWhole);
      if (token !== undefined) return token;
    }
    if (!isWhole && text.length - at < 3) return text.length;
  }
  const name = nameBefore(text, at, names.keys);
  if (name === undefined) return undefined;
  const operator = operatorAt(text, at);
  if (operator === undefined) return undefined;
  // Whether it is an operator, and which, may depend on what follows.
  if (operator.end >= text.length) return isWhole ? undefined : text.length;
  return valueAt({ text, isWhole, name, operator, names });
}

/** The slashes behind a scheme, as JSON may write them. */
const ESCAPED = "\\/\\/";

const BACKSLASH = 92;
const PAREN = 40;
const COMMA = 44;
const SLASH = 47;
const COLON = 58;
const EQUALS = 61;
const GREATER = 62;
const CAPITAL_A = 65;

/** A bit for each operator. */
const OPERATORS = [PAREN, COMMA, COLON, EQUALS, GREATER]
  .reduce((bits, code) => bits | (1 << (code - PAREN)), 0);
