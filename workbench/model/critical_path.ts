/**
 * The critical path: the work that the run's end had to wait for. If any of it had been shorter, the run would
 * have been.
 *
 * Walked backwards from the end: what ended last before a moment is what that moment waited for; before it began,
 * the next one counts. Work inside that is on the path is walked the same way.
 *
 * @module
 */
import type { PictureRow } from "../../src/view/picture_rows.ts";
import { atOnce, PIECE_LINES, type Pieces } from "./in_pieces.ts";

/** The lines on the critical path of these; `end` is where the path ends, in milliseconds since 1970. */
export function criticalPath(rows: readonly PictureRow[], end: number): ReadonlySet<PictureRow> {
  return atOnce(findCriticalPath(rows, end));
}

/** The same in pieces. Lines that come meanwhile may be left out. */
export function* findCriticalPath(
  rows: readonly PictureRow[],
  end: number,
): Pieces<ReadonlySet<PictureRow>> {
  const path = new Set<PictureRow>();
  const ends = new Map<PictureRow, number>();
  yield* measure(rows, end, ends);
  yield* walk(rows, end, ends, path);
  return path;
}

/** When each line, with all that hangs on it, is over. */
function* measure(
  rows: readonly PictureRow[],
  now: number,
  ends: Map<PictureRow, number>,
): Pieces<number> {
  let latest = 0;
  for (const row of rows) {
    if (row.kind === "note") continue;
    const own = row.endedAt ?? now;
    const inside = row.children.length === 0 ? 0 : yield* measure(row.children, now, ends);
    const end = Math.max(own, inside);
    if (ends.set(row, end).size % PIECE_LINES === 0) yield;
    latest = Math.max(latest, end);
  }
  return latest;
}

function* walk(
  rows: readonly PictureRow[],
  end: number,
  ends: ReadonlyMap<PictureRow, number>,
  path: Set<PictureRow>,
): Pieces<void> {
  const known = rows.flatMap((row) => {
    const end = ends.get(row);
    return end === undefined || row.kind === "note" ? [] : [{ row, end }];
  });
  if (known.length > PIECE_LINES) yield;
  let moment = end;
  for (const { row, end } of known.sort((a, b) => b.end - a.end)) {
    // What ended after the moment was not waited for by it: something that began earlier was.
    if (end > moment + TOLERANCE_MS) continue;
    if (path.add(row).size % PIECE_LINES === 0) yield;
    if (row.children.length > 0) yield* walk(row.children, end, ends, path);
    moment = Math.min(moment, row.startedAt);
  }
}

/** Timestamps are whole milliseconds: what follows at once may seem to have begun before. */
const TOLERANCE_MS = 1;
