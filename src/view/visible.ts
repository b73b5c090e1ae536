/** Text of strangers as a screen or a log may show it. */

/**
 * Shows control characters instead of obeying them: `\x1b` becomes `␛`, `\0` becomes `␀`. Marks that change the
 * reading order or take no space are spelled out, such as `\u{202e}`, because they hide what a text says.
 *
 * Joiners and emoji selectors stay where writing needs them, which is never twice in a row or after ASCII.
 */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (char, at: number, all: string) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "␡";
    if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
    return isPartOfWriting(code, all, at) ? char : `\\u{${code.toString(16)}}`;
  });
}

/** The same for a text of several lines: line breaks and tabs stay, and every line break is a `\n`. */
export function visibleLines(text: string): string {
  if (PLAIN_LINES.test(text)) return text;
  return text.split(LINE_BREAK).map((line) => line.split("\t").map(visible).join("\t")).join("\n");
}

/** All of `text` on one line. */
export function oneLine(text: string): string {
  const trimmed = text.trim();
  if (!LINE_END.test(trimmed)) return visible(trimmed);
  // Space by space: one pattern with the line end in the middle would try every place in a long run of spaces.
  return visible(trimmed.replace(/\s+/g, (space) => LINE_END.test(space) ? " " : space));
}

/**
 * A value as JSON that is safe to look at: what a screen could obey, and JSON lets stand, is escaped. Parsing it
 * gives the same value.
 */
export function visibleJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? "null";
  if (PLAIN_LINES.test(json)) return json;
  return json.replace(UNSAFE, (char, at: number, all: string) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20 || isPartOfWriting(code, all, at)) return char;
    return char.split("").map((unit) => `\\u${hex(unit.charCodeAt(0))}`).join("");
  });
}

/** Whether a joiner or a selector belongs to the character before it, as in Persian, Hindi and emoji. */
function isPartOfWriting(code: number, text: string, at: number): boolean {
  const before = at === 0 ? 0 : text.charCodeAt(at - 1);
  if (code === 0x200c || code === 0x200d) return before > 0x7f && !isJoiner(before);
  // A keycap is a digit with a selector.
  return (code === 0xfe0e || code === 0xfe0f) && before > 0x20 && !isSelector(before) &&
    !isJoiner(before);
}

function isJoiner(code: number): boolean {
  return code === 0x200c || code === 0x200d;
}

function isSelector(code: number): boolean {
  return code === 0xfe0e || code === 0xfe0f;
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}

const PLAIN = /^[\x20-\x7e]*$/;
const PLAIN_LINES = /^[\x20-\x7e\n\t]*$/;
const LINE_END = /[\r\n]/;
const LINE_BREAK = /\r\n|\n/;

// Control characters, halves of pairs, line and paragraph separators, and whatever Unicode wants to be drawn as
// nothing: bidirectional controls, tags, fillers, annotations.
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
