/**
 * What a run is doing right now, in a few words.
 *
 * @module
 */
import type { PictureSpan, PictureTurn } from "../../src/view/picture_rows.ts";
import { growing } from "../format.ts";
import type { TimelineRow } from "./timeline_rows.ts";

/**
 * The work that is open and has none within it, the newest first: `search 2.5 s · turn 2`. Where nothing is open, for
 * how long nothing was heard.
 */
export function nowWords(rows: readonly TimelineRow[], now: number, heardAt: number): string {
  const open: { row: PictureTurn | PictureSpan; lane: PictureSpan | null }[] = [];
  // There may be tens of thousands of lines, and this is asked with every frame.
  for (const { row, lane } of rows) {
    if (row !== null && row.state === "running" && isInnermost(row)) open.push({ row, lane });
  }
  if (open.length === 0) return `nothing heard for ${growing(now - heardAt)}`;
  open.sort(({ row: a }, { row: b }) => b.startedAt - a.startedAt || b.key - a.key);
  const shown = open.slice(0, MAX_SHOWN);
  const words = shown.map(({ row, lane }) => {
    const who = lane === null || lane === row ? "" : `${lane.name} › `;
    return `${who}${whatOf(row)} ${growing(now - row.startedAt)}`;
  });
  if (open.length > shown.length) words.push(`${open.length - shown.length} more`);
  const turns = new Set(shown.map(({ row: { parent } }) => parent));
  const [turn] = turns;
  if (turns.size === 1 && turn?.kind === "turn") words.push(`turn ${turn.iteration}`);
  return words.join(" · ");
}

function isInnermost(row: PictureTurn | PictureSpan): boolean {
  return !row.children.some((child) => child.kind !== "note" && child.endedAt === null);
}

function whatOf(row: PictureTurn | PictureSpan): string {
  if (row.kind === "span") return row.name || row.role;
  return `turn ${row.iteration}${row.text === "" ? "" : " writing"}`;
}

const MAX_SHOWN = 2;
