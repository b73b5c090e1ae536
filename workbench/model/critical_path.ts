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

/** The lines on the critical path of these; `end` is where the path ends, in milliseconds since 1970. */
export function criticalPath(rows: readonly PictureRow[], end: number): ReadonlySet<PictureRow> {
  const path = new Set<PictureRow>();
  const ends = new Map<PictureRow, number>();
  measure(rows, end, ends);
  walk(rows, end, ends, path);
  return path;
}

/** When each line, with all that hangs on it, is over. */
function measure(
  rows: readonly PictureRow[],
  now: number,
  ends: Map<PictureRow, number>,
): number {
  let latest = 0;
  for (const row of rows) {
    if (row.kind === "note") continue;
    const own = row.endedAt ?? now;
    const end = Math.max(own, measure(row.children, now, ends));
    ends.set(row, end);
    latest = Math.max(latest, end);
  }
  return latest;
}

function walk(
  rows: readonly PictureRow[],
  end: number,
  ends: ReadonlyMap<PictureRow, number>,
  path: Set<PictureRow>,
): void {
  const byEnd = rows.filter((row) => ends.has(row)).sort((a, b) => ends.get(b)! - ends.get(a)!);
  let moment = end;
  for (const row of byEnd) {
    if (row.kind === "note") continue;
    // What ended after the moment was not waited for by it: something that began earlier was.
    if (ends.get(row)! > moment + TOLERANCE_MS) continue;
    path.add(row);
    walk(row.children, ends.get(row)!, ends, path);
    moment = Math.min(moment, row.startedAt);
  }
}

/** Timestamps are whole milliseconds: what follows at once may seem to have begun before. */
const TOLERANCE_MS = 1;
