/**
 * Terminal screens as an SVG: text with ANSI colours in, a picture out that plays the screens once and
 * stays at the last one. It needs no script and no font of its own, so it works in a README.
 *
 * @module
 */
import { textWidth } from "../src/cli/screen/text.ts";

/** What was to be seen from some time on. */
export interface Screen {
  /** Milliseconds since the first screen. */
  readonly at: number;
  /** Lines with their colours, as `tmux capture-pane -e` gives them. */
  readonly lines: readonly string[];
}

/** Draws screens of `columns` cells a line. */
export function toSvg(screens: readonly Screen[], columns: number, title: string): string {
  const rows = Math.max(...screens.map(({ lines }) => lines.length));
  const width = Math.ceil(columns * CELL + 2 * PADDING);
  const height = Math.ceil(rows * LINE + 2 * PADDING);
  const groups = piecesOf(screens).map(({ line, row, from, to }) =>
    `<g${timing(from, to)} transform="translate(0 ${round(row * LINE)})">${drawLine(line)}</g>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<style>
text { font: ${SIZE}px ${FONTS}; white-space: pre; fill: ${FOREGROUND} }
path { fill: none; stroke: ${FOREGROUND} }
.p { visibility: hidden; animation: show var(--d) step-end var(--t) }
.f { animation: hide var(--t) step-end }
@keyframes show { from, to { visibility: visible } }
@keyframes hide { from, to { visibility: hidden } }
@media (prefers-reduced-motion: reduce) { .p, .f { animation: none } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<g transform="translate(${PADDING} ${PADDING})">
${groups.join("\n")}
</g>
</svg>
`;
}

/** A line at a place for a time. */
interface Piece {
  readonly line: string;
  readonly row: number;
  readonly from: number;
  /** Infinity for what is there at the end. */
  to: number;
}

/** What there is to draw: a line that is the same on several screens in a row only once. */
function piecesOf(screens: readonly Screen[]): Piece[] {
  const pieces: Piece[] = [];
  const current: Piece[] = [];
  for (const [index, { at, lines }] of screens.entries()) {
    const to = screens[index + 1]?.at ?? Infinity;
    for (const [row, line] of selfContained(lines).entries()) {
      const before = current[row];
      if (before?.line === line && before.to === at) before.to = to;
      else pieces.push(current[row] = { line, row, from: at, to });
    }
  }
  return pieces.filter(({ line }) => line.replace(SGR, "").trim() !== "");
}

/** A style goes on over the end of a line; here each line says its own. */
function selfContained(lines: readonly string[]): string[] {
  let open = "";
  return lines.map((line) => {
    const whole = open + line;
    open = (whole.match(SGR) ?? []).reduce(
      (codes, code) => code === "\x1b[0m" ? "" : codes + code,
      "",
    );
    return whole;
  });
}

/** Without animation, what is there at the end is all there is. */
function timing(from: number, to: number): string {
  if (to !== Infinity) return ` class="p" style="--t:${from}ms;--d:${to - from}ms"`;
  return from === 0 ? "" : ` class="f" style="--t:${from}ms"`;
}

function drawLine(line: string): string {
  let column = 0;
  let style: Style = {};
  let svg = "";
  for (const part of line.split(SGR_OR_TEXT)) {
    if (part.startsWith("\x1b[")) {
      style = applySgr(style, part.slice(2, -1).split(";").map(Number));
      continue;
    }
    // Lines are drawn as lines, so that they meet whatever the font; words stand where they stood.
    for (const [piece] of part.matchAll(/[│├└┬─━▏]+|(?:[^\s│├└┬─━▏]+ ?)+|\s+/g)) {
      const cells = textWidth(piece);
      if (BOX.test(piece)) svg += drawBox(piece, column, style);
      else if (piece.trim() !== "") svg += drawText(piece.trimEnd(), column, style);
      column += cells;
    }
  }
  return svg;
}

function drawText(text: string, column: number, style: Style): string {
  const colour = colourOf(style);
  const css = (colour === FOREGROUND ? "" : `fill:${colour};`) +
    (style.bold ? "font-weight:600" : "");
  return `<text x="${round(column * CELL)}" y="${BASE}" textLength="${
    round(textWidth(text) * CELL)
  }"${css && ` style="${css}"`}>${escape(text)}</text>`;
}

function drawBox(text: string, column: number, style: Style): string {
  const middle = round(LINE / 2);
  let thin = "";
  let thick = "";
  for (const [index, char] of [...text].entries()) {
    const left = round((column + index) * CELL);
    const centre = round((column + index + 0.5) * CELL);
    const right = round((column + index + 1) * CELL);
    if (char === "▏") thick += `M${round(left + 1)} 0V${LINE}`;
    if (char === "━") thick += `M${left} ${middle}H${right}`;
    if ("─┬".includes(char)) thin += `M${left} ${middle}H${right}`;
    if ("├└".includes(char)) thin += `M${centre} ${middle}H${right}`;
    if ("│├".includes(char)) thin += `M${centre} 0V${LINE}`;
    if (char === "└") thin += `M${centre} 0V${middle}`;
    if (char === "┬") thin += `M${centre} ${middle}V${LINE}`;
  }
  const colour = colourOf(style);
  const draw = (path: string, width: number) =>
    path === "" ? "" : `<path d="${path}" style="stroke:${colour}" stroke-width="${width}"/>`;
  return draw(thin, 1) + draw(thick, 2.5);
}

interface Style {
  readonly colour?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

function applySgr(style: Style, codes: readonly number[]): Style {
  for (const code of codes) {
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 39) style = { ...style, colour: undefined };
    else if (code in COLOURS) style = { ...style, colour: code };
  }
  return style;
}

function colourOf({ colour, dim }: Style): string {
  return colour === undefined ? (dim ? COLOURS[2]! : FOREGROUND) : COLOURS[colour]!;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const SIZE = 14;
const CELL = 8.4;
const LINE = 20;
const BASE = 14.5;
const PADDING = 16;
const FONTS = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const BACKGROUND = "#0d1117";
const FOREGROUND = "#e6edf3";
const COLOURS: Readonly<Record<number, string>> = {
  2: "#7d8590",
  31: "#f85149",
  32: "#3fb950",
  33: "#d29922",
  36: "#39c5cf",
  90: "#30363d",
};
const BOX = /^[│├└┬─━▏]/;
// deno-lint-ignore no-control-regex
const SGR = /\x1b\[[\d;]*m/g;
// deno-lint-ignore no-control-regex
const SGR_OR_TEXT = /(\x1b\[[\d;]*m)/;
