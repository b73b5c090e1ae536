/**
 * The lines of the timeline: the picture of a run, flattened.
 *
 * @module
 */
import {
  isLane,
  type PictureNote,
  type PictureRow,
  type PictureSpan,
} from "../../src/view/picture_rows.ts";
import { asOne, repeatsAt } from "../../src/view/repeats.ts";
import { Folding } from "./folding.ts";
import { atOnce, PIECE_LINES, type Pieces } from "./in_pieces.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";

/** A line and how far in it stands. Null is the run itself. */
export interface TimelineRow {
  readonly row: Exclude<PictureRow, PictureNote> | null;
  readonly depth: number;
  /** The agent or node that the line is in. */
  readonly lane: PictureSpan | null;
  /** Whether the line is the lane's own. */
  readonly isLane: boolean;
  /** Whether other lines hang on it. */
  readonly isBranch: boolean;
  /** How many of them are not shown because it is shut; 0 if it is open. */
  readonly hidden: number;
  /** What the line stands for, if it is several calls that were made again and again. */
  readonly repeats: readonly PictureSpan[];
}

/** What the timeline has to draw. */
export interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** What is drawn as a mark in the line of the run: gaps, questions, events without a picture. */
  readonly notes: readonly PictureNote[];
  /** The line that began last; work within work does not stand at the end. */
  readonly newest: number;
}

/** Flattens a picture. See {@linkcode flatten}. */
export function timelineOf(
  picture: RunPicture,
  folding: Folding = new Folding(),
  mayFold = false,
): Timeline {
  return atOnce(flatten(picture, folding, mayFold));
}

/**
 * Flattens a picture, in pieces. What comes or goes meanwhile may be in it, or not: then it has to be made again.
 *
 * @param mayFold Whether finished agents are shut by themselves, where there are many lines.
 */
export function* flatten(
  picture: RunPicture,
  folding: Folding,
  mayFold: boolean,
): Pieces<Timeline> {
  const rows: TimelineRow[] = [
    { row: null, depth: 0, lane: null, isLane: false, isBranch: false, hidden: 0, repeats: [] },
  ];
  const notes: PictureNote[] = [];
  let newest = 0;
  const folds = mayFold && countRows(picture.rows, MANY) >= MANY;
  let looked = 0;
  const visit = function* (
    row: PictureRow,
    depth: number,
    isShown: boolean,
    outer: PictureSpan | null,
  ): Pieces<void> {
    if (++looked % PIECE_LINES === 0) yield;
    if (row.kind === "note") return void notes.push(row);
    const lane = row.kind === "span" && isLane(row) ? row : outer;
    const isBranch = row.children.some(({ kind }) => kind !== "note");
    const isShut = isShown && isBranch && folding.isShut(row, folds);
    if (isShown) {
      if (row.key > (rows[newest]!.row?.key ?? -1)) newest = rows.length;
      const hidden = isShut ? countRows(row.children) : 0;
      const isOwn = lane === row;
      rows.push({ row, depth: depth + 1, lane, isLane: isOwn, isBranch, hidden, repeats: [] });
    }
    if (row.children.length > 0) yield* visitAll(row.children, depth + 1, isShown && !isShut, lane);
  };
  const visitAll = function* (
    siblings: readonly PictureRow[],
    depth: number,
    isShown: boolean,
    lane: PictureSpan | null,
  ): Pieces<void> {
    for (let at = 0; at < siblings.length; at++) {
      const row = siblings[at]!;
      const times = isShown && row.kind === "span" ? repeatsAt(siblings, at) : 1;
      const isShut = times > 1 && folding.isShut(row as PictureSpan, mayFold, true);
      if (!isShut) {
        yield* visit(row, depth, isShown, lane);
        // By this line, all of them can be shut again.
        if (times > 1) rows.push({ ...rows.pop()!, isBranch: true });
        for (const end = at + times - 1; at < end;) {
          const next = siblings[++at];
          if (next !== undefined) yield* visit(next, depth, isShown, lane);
        }
        continue;
      }
      const repeats = siblings.slice(at, at + times) as PictureSpan[];
      at += times - 1;
      if (repeats.at(-1)!.key > (rows[newest]!.row?.key ?? -1)) newest = rows.length;
      const one = asOne(repeats);
      const [inner, hidden] = [depth + 1, times - 1];
      rows.push({ row: one, depth: inner, lane, isLane: false, isBranch: true, hidden, repeats });
    }
  };
  yield* visitAll(picture.rows, 0, true, null);
  return { rows, notes, newest };
}

function countRows(rows: readonly PictureRow[], most = Infinity): number {
  let count = 0;
  for (const row of rows) {
    if (row.kind === "note") continue;
    count += 1 + countRows(row.children, most - count);
    if (count >= most) break;
  }
  return count;
}

/** From so many lines on, finished agents are shut. */
const MANY = 41;

/** The event by which a line is linked to: that which began it, else that which ended it. */
export function eventIdOf(row: PictureRow): string | null {
  return row.kind === "note" ? row.eventId : row.startEventId ?? row.endEventId;
}

/** The line that an event began or ended. */
export function rowOfEvent(rows: readonly TimelineRow[], eventId: string): number {
  return rows.findIndex(({ row }) =>
    row !== null && (row.startEventId === eventId || row.endEventId === eventId)
  );
}
