/** The bars beside the lines: from when to when each of them went, on one scale. */

import { longIdleTimes } from "../../view/idle_times.ts";
import type { PictureSpan, PictureTurn } from "../../view/picture_rows.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { isOver } from "../../view/run_summary.ts";
import { TimeFolds } from "../../view/time_folds.ts";
import type { Segment, Style } from "./paint.ts";
import { elapsed } from "./run_time.ts";

/** What all bars have in common. */
export interface Timeline {
  readonly cells: number;
  readonly startedAt: number;
  readonly scale: TimeFolds;
  readonly now: number;
}

/** The scale of a run. Long waits are folded, or else they would crush the work to nothing. */
export function timelineOf(picture: RunPicture, cells: number, now: number): Timeline {
  const { startedAt: start, summary: { state, updated_at: latest } } = picture;
  const startedAt = start ?? now;
  const time = elapsed(picture, now);
  const waits = longIdleTimes(picture.rows, {
    startedAt,
    endsAt: startedAt + time,
    busySince: state === "running" && latest !== null ? Date.parse(latest) : null,
  });
  const scale = new TimeFolds(
    waits.map(({ from, to }) => ({ from: from - startedAt, to: to - startedAt })),
    time,
    // While the run goes on the scale grows in steps, so that the bars keep still between them.
    (ms) => isOver(state) ? ms : SCALES.find((scale) => scale >= ms) ?? ms * 1.5,
  );
  return { cells, startedAt, scale, now };
}

/** Draws a bar: what overlaps ran at the same time. A wait that is folded is a `╱` in every line. */
export function drawBar(
  { startedAt: from, endedAt: to }: PictureTurn | PictureSpan,
  style: Style,
  timeline: Timeline | null,
): Segment[] {
  if (timeline === null) return [];
  const { cells, startedAt, scale, now } = timeline;
  const cellAt = (place: number) => place / scale.reach * cells;
  const cellOf = (time: number) => cellAt(scale.placeOf(time - startedAt));
  const start = Math.min(cells - 1, Math.max(0, Math.floor(cellOf(from))));
  const end = Math.min(cells, Math.max(start + 1, Math.round(cellOf(to ?? now))));
  const marks = new Set(scale.folds.map(({ at, room }) => Math.floor(cellAt(at + room / 2))));
  const line = Array.from(
    { length: cells },
    (_, cell) => marks.has(cell) ? "╱" : cell >= start && cell < end ? "━" : "─",
  ).join("");
  return [
    ["  "],
    [line.slice(0, start), "faint"],
    [line.slice(start, end), style],
    [line.slice(end), "faint"],
  ];
}

const SCALES = [2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000);
