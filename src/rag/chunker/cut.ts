/** A part of a text, which is to be kept whole if it fits. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** `text`, `code`, `table`, `list`, or `heading`. */
  readonly kind: string;
}

/** How large parts of a text may be. */
export interface Measure {
  readonly size: number;
  readonly overlap: number;
  /** How large a range of the text is, without white space at its ends, which no chunk has. */
  length(start: number, end: number): number;
}

/**
 * Cuts a piece into pieces that fit, at the strongest places: paragraphs before lines, lines before sentences. Nothing
 * is left out and nothing is moved, so the pieces add up to what they are made of.
 */
export function cut(text: string, piece: Piece, measure: Measure): Piece[] {
  const places = piece.kind === "code" ? CODE : TEXT;
  const pieces: Piece[] = [];
  // A table or a list has no paragraphs.
  const first = piece.kind === "table" || piece.kind === "list" ? 1 : 0;
  cutAt(text, piece, places, first, measure, pieces);
  return pieces;
}

function cutAt(
  text: string,
  piece: Piece,
  places: readonly RegExp[],
  nth: number,
  measure: Measure,
  pieces: Piece[],
): void {
  const { start, end, kind } = piece;
  if (measure.length(start, end) <= measure.size) {
    pieces.push(piece);
    return;
  }
  const place = places[nth];
  if (place === undefined) return cutAnywhere(text, piece, measure, pieces);
  let from = start;
  for (const at of endsOf(text, place, start, end)) {
    cutAt(text, { start: from, end: at, kind }, places, nth + 1, measure, pieces);
    from = at;
  }
  if (from < end) cutAt(text, { start: from, end, kind }, places, nth + 1, measure, pieces);
}

/** Where what a pattern finds in a range ends. */
function endsOf(text: string, pattern: RegExp, start: number, end: number): number[] {
  // Of the range alone: for what it does not have, all of the text behind it would be searched, for each range.
  const found = text.slice(start, end).matchAll(pattern);
  const ends = Array.from(found, ({ index, 0: { length } }) => start + index + length);
  return ends.at(-1) === end ? ends.slice(0, -1) : ends;
}

/** A word that is too long is cut between code points. */
function cutAnywhere(
  text: string,
  { start, end, kind }: Piece,
  measure: Measure,
  pieces: Piece[],
): void {
  for (let from = start; from < end;) {
    let to = Math.min(end, from + measure.size);
    while (to > from + 1 && measure.length(from, to) > measure.size) to = from + ((to - from) >> 1);
    if (isInsidePair(text, to)) to--;
    // One code point is never too large.
    if (to <= from) to = from + (isInsidePair(text, from + 1) ? 2 : 1);
    pieces.push({ start: from, end: to, kind });
    from = to;
  }
}

function isInsidePair(text: string, at: number): boolean {
  const [high, low] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}

const TEXT: readonly RegExp[] = [
  /\n[ \t\r]*\n\s*/g,
  /\n/g,
  /[.!?…。！？]["')\]]*\s+/g,
  /[,;:]\s+/g,
  /\s+/g,
];
const CODE: readonly RegExp[] = [
  /\n[ \t\r]*\n(?=\S)/g,
  /\n(?=\S)/g,
  /\n[ \t\r]*\n/g,
  /\n/g,
  /[;{}]\s*/g,
  /\s+/g,
];
