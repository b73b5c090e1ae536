/**
 * Styled text to terminal codes. Widths are settled before any code is written, so a line can be cut
 * anywhere without tearing one.
 */
import { textWidth, truncate, visible } from "./text.ts";

/** What a piece of text stands for. Colour tells states apart, and never alone. */
export type Style = "running" | "done" | "failed" | "notice" | "bold" | "dim" | "faint";

/** A piece of text in one style. */
export type Segment = readonly [text: string, style?: Style];

/**
 * One line, cut to `width` cells, with colour or without. Everything that is drawn passes here, so that no
 * text can control the terminal.
 */
export function paint(line: readonly Segment[], width: number, colour: boolean): string {
  let room = width;
  let painted = "";
  for (const [raw, style] of line) {
    const text = visible(raw);
    const cut = truncate(text, room);
    room -= textWidth(cut);
    painted += colour && style !== undefined && cut !== ""
      ? `\x1b[${CODES[style]}m${cut}\x1b[0m`
      : cut;
    if (cut !== text) break;
  }
  return painted.trimEnd();
}

const CODES: Readonly<Record<Style, string>> = {
  running: "36",
  done: "32",
  failed: "31",
  notice: "33",
  bold: "1",
  dim: "2",
  // Dimmer than dim where a terminal has 256 colours; a shade of grey everywhere else.
  faint: "90",
};
