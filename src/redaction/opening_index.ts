import { openings } from "./openings.ts";
import type { Finding } from "./secret.ts";
import type { Names, Opening } from "./place.ts";

/** All openings by their first three characters. */
export class OpeningIndex {
  /**
   * By the hash of the last three characters: 1 if an opening begins so. Small, because other work takes its place in the
   * caches of a processor again and again.
   */
  readonly begins = new Uint8Array(SIZE);
  readonly #openings = new Map<number, Opening[]>();

  constructor() {
    for (const opening of openings()) {
      for (const start of startsOf(opening)) this.#add(start, opening);
    }
  }

  /** What begins at `at` with three characters of that hash. */
  find(text: string, at: number, hash: number, isWhole: boolean, names: Names): Finding {
    const isStart = isStartOfWord(text, at);
    const fourth = text.charCodeAt(at + 3);
    for (const opening of this.#openings.get(hash)!) {
      const { beginning, anyCase, isInside } = opening;
      if (!isStart && !isInside) continue;
      // Most words part here. Small and capital letters differ in one bit, and at an end there is no code.
      if (((beginning.charCodeAt(3) ^ fourth) & ~32) !== 0 && beginning.length > 3 && fourth > 0) {
        continue;
      }
      let begins = text.startsWith(beginning, at);
      if (!begins && (anyCase || !isWhole)) {
        let word = text.slice(at, at + beginning.length);
        if (anyCase) word = word.toLowerCase();
        begins = word === beginning;
        // It is cut off.
        if (!begins && !isWhole && at + word.length === text.length && beginning.startsWith(word)) {
          return at;
        }
      }
      const found = begins ? opening.find(text, at, isWhole, names) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #add(start: string, opening: Opening): void {
    let hash = 0;
    for (let i = 0; i < 3; i++) hash = nextHash(hash, start.charCodeAt(i));
    const bucket = this.#openings.get(hash) ?? [];
    if (!bucket.includes(opening)) bucket.push(opening);
    this.#openings.set(hash, bucket);
    this.begins[hash] = 1;
  }
}

/** The hash of the last three characters, of the hash that it was one character earlier. */
export function nextHash(hash: number, code: number): number {
  return ((hash << 6) ^ code) & (SIZE - 1);
}

/** The three characters that an opening can begin with. */
function startsOf({ beginning, anyCase }: Opening): string[] {
  const start = beginning.slice(0, 3);
  if (start.length < 3) {
    return Array.from(LETTERS + LETTERS.toUpperCase() + "0123456789_-~.", (third) => start + third);
  }
  if (!anyCase) return [start];
  const capital = (length: number) => start.slice(0, length).toUpperCase() + start.slice(length);
  return [start, capital(1), capital(3)];
}

function isStartOfWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const first = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  if (isJoiner(first)) return !isJoiner(before);
  if (!isLetterOrDigit(first) || !isLetterOrDigit(before)) return true;
  // `\nsk-…` in a JSON string, `%20sk-…` in a URL: the word begins behind what is escaped.
  return text.charCodeAt(at - 2) === BACKSLASH || text.charCodeAt(at - 3) === PERCENT;
}

function isJoiner(code: number): boolean {
  return code === 45 || code === 46 || code === 95;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

// 64 for each character, so that small letters and capitals differ.
const SIZE = 131_072;
const BACKSLASH = 92;
const PERCENT = 37;
