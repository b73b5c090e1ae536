/** Text of strangers as a screen or a log may show it. */

/**
 * Shows control characters instead of obeying them: `\x1b` becomes `␛`, `\0` becomes `␀`. Marks that
 * change the reading order or take no space are spelt out, because they hide what a text says.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "␡";
    if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
    return `\\u{${code.toString(16)}}`;
  });
}

/** All of `text` on one line. */
export function oneLine(text: string): string {
  const trimmed = text.trim();
  if (!LINE_END.test(trimmed)) return visible(trimmed);
  // Space by space: one pattern with the line end in the middle would try every place in a long run of spaces.
  return visible(trimmed.replace(/\s+/g, (space) => LINE_END.test(space) ? " " : space));
}

const LINE_END = /[\r\n]/;

const UNSAFE = new RegExp(
  "[\\0-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]|" +
    "\\p{Surrogate}",
  "gu",
);
