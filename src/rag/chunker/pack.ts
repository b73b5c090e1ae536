import type { Measure, Piece } from "./cut.ts";

/** A range that becomes a chunk. */
export interface Packed extends Piece {
  readonly headings: readonly string[];
}

/**
 * Packs pieces that follow each other into ranges that fit. The next range begins with the last pieces of the one before,
 * up to `overlap`, as far as it still gets something new. White space at the ends is left out.
 */
export function pack(
  text: string,
  all: readonly Piece[],
  headings: readonly string[],
  measure: Measure,
): Packed[] {
  const pieces = all.filter(({ start, end }) => /\S/.test(text.slice(start, end)));
  const packed: Packed[] = [];
  // Where a range begins, and the first piece that it brings anew: those between are of the range before.
  for (let first = 0, fresh = 0; first < pieces.length;) {
    const { start } = pieces[first]!;
    let last = fresh;
    while (
      last + 1 < pieces.length && measure.length(start, pieces[last + 1]!.end) <= measure.size
    ) {
      last++;
    }
    const { end } = pieces[last]!;
    packed.push({
      ...trim(text, start, end),
      kind: kindOf(pieces.slice(first, last + 1)),
      headings,
    });
    if (last === pieces.length - 1) break;
    first = fresh = last + 1;
    const next = pieces[fresh]!.end;
    while (first - 1 > 0 && isOverlap(pieces[first - 1]!.start, end, next)) first--;
  }
  return packed;

  function isOverlap(start: number, end: number, next: number): boolean {
    // The first condition ends the loop whatever `length` counts, also if less is not shorter.
    return start > packed.at(-1)!.start && measure.length(start, end) <= measure.overlap &&
      measure.length(start, next) <= measure.size;
  }
}

/** A range without the white space at its ends; at its end where there is nothing else. */
export function trim(text: string, start: number, end: number): { start: number; end: number } {
  while (start < end && isSpace(text, start)) start++;
  while (start < end && isSpace(text, end - 1)) end--;
  return { start, end };
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(text[at]!));
}

function kindOf(pieces: readonly Piece[]): string {
  const kinds = new Set(pieces.map(({ kind }) => kind));
  // A heading is text, and belongs to whatever is below it.
  if (kinds.delete("heading") && kinds.size === 0) return "text";
  return kinds.size === 1 ? [...kinds][0]! : "mixed";
}
