/** Small steps in a text. None goes further than a constant. */

/** How far before a place a text is looked at. */
export const MAX_LOOK_BACK = 256;

/** So much of a value shows what it is: what goes on for longer is not a number, no word and no type. */
export const ENOUGH = 64;

const MAX_STEP = 64;

/** Whether it is the code of one of the marks that strings stand in. */
export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** The letters, digits and dashes before `end`. */
export function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start < MAX_STEP && isNameCharacter(text.charCodeAt(start - 1))) {
    start--;
  }
  return text.slice(start, end);
}

/** The beginning of a value without quotes. In a string of JSON, an escaped line end is its end as well. */
export function valueWordAt(text: string, at: number): string {
  const most = Math.min(text.length, at + ENOUGH);
  let end = at;
  for (; end < most; end++) {
    const code = text.charCodeAt(end);
    if (isValueEnd(code)) break;
    if (code === BACKSLASH && (text[end + 1] === "n" || text[end + 1] === "r")) break;
  }
  return text.slice(at, end);
}

/** What {@linkcode valueWordAt} ends with. */
export const VALUE_END = /[\t-\r ,;&"'`)\]}<]/g;

/** At most `length` characters before `at`, with spaces for the line ends of a string of JSON. */
export function textBefore(text: string, at: number, length: number): string {
  const before = text.slice(Math.max(0, at - length), at);
  return before.includes("\\") ? before.replace(/\\[nrt]/g, " \n") : before;
}

/** Where the next character stands that is not a blank; with `withLines`, no line end either. */
export function skipBlanks(text: string, at: number, withLines = false): number {
  let end = at;
  while (end - at < MAX_STEP) {
    const code = text.charCodeAt(end);
    if (code !== 32 && code !== 9 && !(withLines && (code === 10 || code === 13))) break;
    end++;
  }
  return end;
}

/** Behind the last character before `end` that is none of `skipped`. */
export function skipBack(text: string, end: number, skipped: string): number {
  let at = end;
  while (at > 0 && end - at < MAX_STEP && skipped.includes(text[at - 1]!)) at--;
  return at;
}

function isNameCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) ||
    code === 95 || code === 45 || code >= 128;
}

function isValueEnd(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 34 || code === 38 || code === 39 ||
    code === 41 || code === 44 ||
    code === 59 || code === 60 || code === 93 || code === 96 || code === 125;
}

const BACKSLASH = 92;
