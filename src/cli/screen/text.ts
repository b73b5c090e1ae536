/**
 * Text as a terminal sees it: how many cells it takes, where it may be cut, and nothing in it that
 * could steer the terminal.
 */

import { oneLine, visible } from "../../view/visible.ts";

export { oneLine, visible };

/** The first line of a result, which is expected to sum it up; all of it if that says nothing. */
export function firstLine(text: string): string {
  const line = text.trim().split(LINE_END, 1)[0]!;
  return /\w/.test(line) ? visible(line) : oneLine(text);
}

/** How many terminal cells `text` takes. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts `text` to `width` cells, never through a character; `…` says that it was cut. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? "" : `${splitAt(text, width - 1, 0)[0]}…`;
}

/** Cuts or fills `text` to exactly `width` cells. */
export function fit(text: string, width: number): string {
  const cut = truncate(text, width);
  return cut + " ".repeat(Math.max(0, width - textWidth(cut)));
}

/** The same for a path, whose end says more than its beginning. */
export function fitPath(path: string, width: number): string {
  if (path.includes(" ") || textWidth(path) <= width) return fit(path, width);
  const characters = Array.from(graphemes.segment(path), ({ segment }) => segment);
  let end = "";
  while (textWidth(characters.at(-1)! + end) < width) end = characters.pop()! + end;
  return fit(`…${end}`, width);
}

/** Breaks `text` into lines of at most `width` cells, between words where that is possible. */
export function wrap(text: string, width: number): string[] {
  return text.split(LINE_END).flatMap((line) =>
    wrapLine(visible(line.replaceAll("\t", "  ")), width)
  );
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  // A word keeps the spaces before it, so that indentation and columns survive.
  // Where nothing but spaces is left, WORD would try each of them in vain.
  for (let word of line.trimEnd().match(WORD) ?? []) {
    if (textWidth(current) + textWidth(word) > width) {
      if (current.trim() !== "") {
        lines.push(current);
        current = "";
        word = word.trimStart();
      }
      while (textWidth(current) + textWidth(word) > width) {
        const [head, tail] = splitAt(word, width - textWidth(current), 1);
        lines.push(current + head);
        current = "";
        word = tail;
      }
    }
    current += word;
  }
  return [...lines, current];
}

/** The longest start of `text` that fits into `width` cells, of at least `least` characters; the rest. */
function splitAt(text: string, width: number, least: 0 | 1): [head: string, tail: string] {
  let cells = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    cells += graphemeWidth(segment);
    if (cells > width && index >= least) return [text.slice(0, index), text.slice(index)];
  }
  return [text, ""];
}

/** A cluster is as wide as its widest part: a flag or a family of emoji takes two cells in all. */
function graphemeWidth(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return INVISIBLE.test(grapheme) ? 0 : 1;
}

const graphemes = new Intl.Segmenter();
const ASCII = /^[\x20-\x7e]*$/;
const LINE_END = /\r\n|\r|\n/;
const WORD = /\s*\S+/g;
const INVISIBLE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
// East Asian wide and full-width characters (UAX 11), emoji shown as pictures, and U+FE0F, which
// asks for the picture.
const WIDE = new RegExp(
  "[\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u4dbf\\u4e00-\\ua4cf\\ua960-\\ua97c" +
    "\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6" +
    "\\u{17000}-\\u{18cff}\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}\\ufe0f]|\\p{Emoji_Presentation}",
  "u",
);
