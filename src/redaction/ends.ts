/** Where secrets end: searches that can continue in the next piece of a text. */

import type { End } from "./secret.ts";

/** The next character that `stop` matches; it must be global and match one character. */
export function before(stop: RegExp): End {
  return (text, from) => {
    stop.lastIndex = from;
    return stop.test(text) ? stop.lastIndex - 1 : -1;
  };
}

/**
 * The end of the next match of `marker`, which must be global.
 *
 * @param length The longest that a match can be: so much of a piece is looked at again with the next one.
 */
export function behind(marker: RegExp, length: number): End {
  let seen = "";
  return (text, from) => {
    const searched = seen + text.slice(from);
    marker.lastIndex = 0;
    if (marker.test(searched)) return from + marker.lastIndex - seen.length;
    seen = searched.slice(-length);
    return -1;
  };
}

/**
 * Behind the quote that closes a string.
 *
 * @param escapes How many backslashes stand before the quote that opened it: none in JSON, one in JSON inside
 * of a JSON string, three inside of that.
 */
export function behindQuote(quote: string, escapes: number): End {
  let carried = 0;
  return (text, from) => {
    for (let at = from;;) {
      const found = text.indexOf(quote, at);
      const last = found < 0 ? text.length : found;
      let first = last;
      while (first > at && text[first - 1] === "\\") first--;
      const run = last - first + (first === from ? carried : 0);
      if (found < 0) {
        carried = run;
        return -1;
      }
      // An outer string ends here, so this one was cut.
      if (run < escapes) return first;
      if (run % (escapes + 1) === escapes && Math.floor(run / (escapes + 1)) % 2 === 0) {
        return found + 1;
      }
      at = found + 1;
    }
  };
}

/** The same, before the quote and its backslashes. */
export function beforeQuote(quote: string, escapes: number): End {
  const close = behindQuote(quote, escapes);
  return (text, from) => {
    const end = close(text, from);
    return end < 0 ? -1 : Math.max(from, end - 1 - escapes);
  };
}

/** Behind the bracket that closes the list or object that begins at `from`. */
export function behindBracket(escapes: number): End {
  let depth = 0;
  let string: End | undefined;
  return (text, from) => {
    for (let at = from;;) {
      if (string !== undefined) {
        at = string(text, at);
        if (at < 0) return -1;
        string = undefined;
      }
      BRACKETS.lastIndex = at;
      if (!BRACKETS.test(text)) return -1;
      at = BRACKETS.lastIndex;
      const found = text[at - 1]!;
      if (found === "[" || found === "{") depth++;
      else if (found === '"' || found === "'") string = behindQuote(found, escapes);
      else if (--depth <= 0) return at;
    }
  };
}

const BRACKETS = /["'[\]{}]/g;
