/** What the name of a value says about it: one rule for the keys of data and for names in texts. */

import { type Ending, ENDINGS, type KeyKind, type When } from "./secret_names.ts";

/**
 * The names of secrets, as a tree of their letters from the last to the first.
 *
 * - A name counts by its end, whatever its case and separators: `DB_PASSWORD`, `x-api-key` and `accessToken`
 *   are secrets, `secret_name` is none.
 * - What only tells several of a kind apart is skipped: `password2`, `api_key_prod`, `token.old`.
 * - For nearly every name, the last two or three letters show that it is none, without a copy.
 */
export class SecretKeys {
  /** For each node, the node of the letter before it, by {@linkcode columnOf}; 0 if there is none. */
  readonly #nodes: Uint16Array;
  /** What a name is that begins with the letter of a node. */
  readonly #endings: (Ending[] | undefined)[] = [undefined];
  /** Which pairs of letters a name may end with. */
  readonly #pairs = new Uint8Array(1024);

  constructor(more: readonly string[] = []) {
    const nodes: number[] = new Array(COLUMNS).fill(0);
    for (const [kind, when, names] of ENDINGS) {
      for (const name of names.split(/\s+/)) this.#add(nodes, name, { kind, when });
    }
    for (const name of more) {
      const letters = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
      if (letters !== "") this.#add(nodes, letters, { kind: "secret", when: "anywhere" });
    }
    this.#nodes = Uint16Array.from(nodes);
  }

  /** What a key of data says. Parameters, hosts, calls and halves of pairs are found in texts only. */
  kindOf(key: string): KeyKind {
    const kind = this.kindAt(key, key.length, 0, true);
    return IN_TEXTS.has(kind) ? "open" : kind;
  }

  /**
   * What the name says that ends at `end` in a text and begins at `least` or later.
   *
   * @param isKey Whether the text is the name. Otherwise it begins behind whatever cannot be part of a name.
   */
  kindAt(text: string, end: number, least: number, isKey: boolean): KeyKind {
    if (!isKey && !this.#mayEnd(text.charCodeAt(end - 1), text.charCodeAt(end - 2))) return "open";
    let at = end;
    for (let skipped = 0; skipped < MAX_QUALIFIERS; skipped++) {
      let node = 0;
      let found: Ending | undefined;
      let foundAt = at;
      for (let i = at - 1; i >= least; i--) {
        const code = text.charCodeAt(i);
        if (!isLetterOrDigit(code)) {
          if (isKey || code === DASH || code === UNDERSCORE || code === SPACE || code === DOT) {
            continue;
          }
          // `token: string =`
          if (skipped > 0 && node === 0 && (code === COLON || code === QUESTION)) continue;
          break;
        }
        node = this.#nodes[node * COLUMNS + columnOf(code)]!;
        if (node === 0) break;
        const ending = this.#endingAt(node, text, i, least);
        if (ending === undefined) continue;
        found = ending;
        foundAt = i;
      }
      if (found === undefined) {
        // `password2`
        const digits = startOfDigits(text, at, least);
        if (digits === at) return "open";
        at = digits;
      } else if (found.kind !== "qualifier") return found.kind;
      else at = foundAt;
    }
    return "open";
  }

  #endingAt(node: number, text: string, at: number, least: number): Ending | undefined {
    const endings = this.#endings[node];
    if (endings === undefined) return undefined;
    for (const ending of endings) if (fits(ending.when, text, at, least)) return ending;
    return undefined;
  }

  /** Whether a name may end with these two: a quick answer that is nearly always no. */
  #mayEnd(last: number, other: number): boolean {
    if (!isLetter(last)) return isLetterOrDigit(last) || last === DASH || last === UNDERSCORE;
    return isLetter(other) ? this.#pairs[pairOf(last, other)] === 1 : isLetterOrDigit(other);
  }

  #add(nodes: number[], name: string, ending: Ending): void {
    this.#pairs[pairOf(name.charCodeAt(name.length - 1), name.charCodeAt(name.length - 2))] = 1;
    let node = 0;
    for (let i = name.length - 1; i >= 0; i--) {
      const place = node * COLUMNS + columnOf(name.charCodeAt(i));
      if (nodes[place] === 0) {
        nodes[place] = this.#endings.push(undefined) - 1;
        for (let column = 0; column < COLUMNS; column++) nodes.push(0);
      }
      node = nodes[place]!;
    }
    (this.#endings[node] ??= []).push(ending);
  }
}

const IN_TEXTS: ReadonlySet<KeyKind> = new Set(["query", "host", "login", "named"]);
const MAX_QUALIFIERS = 4;
const COLUMNS = 32;

function fits(when: When, text: string, at: number, least: number): boolean {
  if (when === "anywhere") return true;
  const before = at > least ? text.charCodeAt(at - 1) : SPACE;
  // In `\ntoken=` of a JSON string, the letter belongs to the backslash.
  const isStart = text.charCodeAt(at - 2) === BACKSLASH ||
    (!isLetterOrDigit(before) && before !== DASH && before !== UNDERSCORE && before !== DOT);
  if (when === "whole") return isStart;
  if (when === "behind" && isStart) return false;
  return isStart || !isLetter(before) || (isCapital(text.charCodeAt(at)) && !isCapital(before));
}

function startOfDigits(text: string, end: number, least: number): number {
  let start = end;
  while (start > least && text.charCodeAt(start - 1) >= 48 && text.charCodeAt(start - 1) <= 57) {
    start--;
  }
  return start;
}

/** The same for small and capital letters. */
function pairOf(last: number, other: number): number {
  return ((last & 31) << 5) | (other & 31);
}

function isLetterOrDigit(code: number): boolean {
  return isLetter(code) || (code >= 48 && code <= 57);
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || isCapital(code) || code >= 128;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** The same for small and capital letters; digits share one, and so do letters that are not of ASCII. */
function columnOf(code: number): number {
  return code >= 128 ? 28 : code <= 57 ? 27 : code & 31;
}

const SPACE = 32;
const DASH = 45;
const DOT = 46;
const COLON = 58;
const QUESTION = 63;
const BACKSLASH = 92;
const UNDERSCORE = 95;
