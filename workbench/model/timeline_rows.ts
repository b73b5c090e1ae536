/**
 * The lines of the timeline: the picture of a run, flattened.
 *
 * @module
 */
import {
  laneOf,
  type PictureNote,
  type PictureRow,
  type PictureSpan,
  visitRows,
} from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";

/** A line and how far in it stands. Null is the run itself. */
export interface TimelineRow {
  readonly row: Exclude<PictureRow, PictureNote> | null;
  readonly depth: number;
  /** The agent or node that the line is in. */
  readonly lane: PictureSpan | null;
  /** Whether the line is the lane's own. */
  readonly isLane: boolean;
}

/** What the timeline has to draw. */
export interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** What is drawn as a mark in the line of the run: gaps, questions, events without a picture. */
  readonly notes: readonly PictureNote[];
  /** The line that began last; work within work does not stand at the end. */
  readonly newest: number;
}

/** Flattens a picture. */
export function timelineOf(picture: RunPicture): Timeline {
  const rows: TimelineRow[] = [{ row: null, depth: 0, lane: null, isLane: false }];
  const notes: PictureNote[] = [];
  let newest = 0;
  visitRows(picture.rows, (row, depth) => {
    if (row.kind === "note") return void notes.push(row);
    const lane = laneOf(row);
    if (row.key > (rows[newest]!.row?.key ?? -1)) newest = rows.length;
    rows.push({ row, depth: depth + 1, lane, isLane: lane === row });
  });
  return { rows, notes, newest };
}

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
