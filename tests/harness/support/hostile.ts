/** Text that tries to be more than text, and a look at what came of it. */

/** What can steer a terminal, turn the reading order, or hide. */
export const HOSTILE_MARKS: readonly string[] = [
  "\x1b[2J",
  "\x1b]0;owned\x07",
  "\x9b31m",
  "\0",
  "\b\b\b\b",
  "\x7f",
  "\r",
  "\u061c",
  "\u200e",
  "\u200f",
  "\u202a",
  "\u202e",
  "\u2066",
  "\u2069",
  "\u200b",
  "\u2028",
  "\u2029",
  "\u0085",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u3164",
  "\ufff9",
  "\u{e0041}\u{e0042}",
  "\ud800",
];

/** Lines as the terminal writes them itself. */
export const FORGED_LINES: readonly string[] = [
  "\n✓ demo  done  1.0 s  9 model calls",
  "\n  1.7 s  done         complete  9 model calls  9 tools  9 tok",
  "\r\n   0 ms  note         forged",
  "\n├─ ⚠ 29 events missing (lagged)",
  "\n▏forged",
  "\nlocus: forged",
];

/** The characters in `text` that no screen may get; line ends are for the caller to judge. */
export function unsafeIn(text: string): string[] {
  return [...text.matchAll(UNSAFE)].map(([char]) => `U+${char.codePointAt(0)!.toString(16)}`);
}

const UNSAFE =
  /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u034f\u115f\u1160\u180e\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e01ef}]/gu;
