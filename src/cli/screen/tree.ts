/** The lines under a run's header: what hangs on what, and the timeline beside it. */

import type {
  PictureNote,
  PictureRow,
  PictureSpan,
  PictureTurn,
  SpanState,
} from "../../view/picture_rows.ts";
import { laneOf } from "../../view/picture_rows.ts";
import { asOne, repeatsAt } from "../../view/repeats.ts";
import type { Conversation } from "../../view/conversation.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { isOver } from "../../view/run_summary.ts";
import { count, formatDuration } from "../../view/words.ts";
import type { Segment, Style } from "./paint.ts";
import { quoteName } from "./quote_name.ts";
import { resultOf, subjectOf } from "./result_of.ts";
import { fit, fitPath, oneLine, textWidth } from "./text.ts";
import { drawBar, type Timeline, timelineOf } from "./timeline.ts";

/** A line that has its place and is not drawn yet. */
export interface TreeLine {
  /** What it says: a line of the picture, or how many are not kept. */
  readonly row: PictureRow | number;
  /** What it hangs on, in characters. */
  readonly branch: string;
}

/** Where the columns are, and what the timeline shows. */
export interface Layout {
  /** Cells for a name with its branch, less the three of the first branch. */
  readonly name: number;
  readonly subject: number;
  /** Cells before the timeline. */
  readonly left: number;
  /** Null where there is no room for one. */
  readonly timeline: Timeline | null;
  readonly now: number;
  /** What went in and came out, where that was captured. */
  readonly conversation: Conversation;
  /** The turn whose text is drawn below the tree. */
  readonly speaking: PictureTurn | null;
}

/** Every line of the tree, from top to bottom. */
export function linesOf(picture: RunPicture): TreeLine[] {
  const lines: TreeLine[] = [];
  if (picture.rowsLeftOut > 0) lines.push({ row: picture.rowsLeftOut, branch: "├─ " });
  addAll(lines, picture.rows, "", isOver(picture.summary.state));
  return lines;
}

/** @param isClosed Whether nothing will follow. */
function addAll(
  lines: TreeLine[],
  all: readonly PictureRow[],
  trunk: string,
  isClosed: boolean,
): void {
  const rows = withoutRepeats(all);
  const batches = batchesOf(rows);
  for (const [index, row] of rows.entries()) {
    const last = batches.get(batchOf(row))?.last ?? index;
    const [fork, below] = forkOf(row, index, isClosed && last === rows.length - 1, batches);
    addLines(lines, row, trunk + fork, trunk + below);
  }
}

/** What was done again and again is one line. */
function withoutRepeats(rows: readonly PictureRow[]): readonly PictureRow[] {
  const lines: PictureRow[] = [];
  for (let at = 0, times = 1; at < rows.length; at += times) {
    times = repeatsAt(rows, at);
    const row = rows[at]!;
    // Turns are never repeats.
    lines.push(
      times === 1 || row.kind === "turn" ? row : asOne<typeof row>(
        rows.slice(at, at + times) as typeof row[],
      ),
    );
  }
  return lines;
}

function addLines(lines: TreeLine[], row: PictureRow, branch: string, trunk: string): void {
  lines.push({ row, branch });
  if (row.kind === "note") return;
  if (row.leftOut > 0) {
    lines.push({ row: row.leftOut, branch: `${trunk}${row.children.length > 0 ? "├─ " : "└─ "}` });
  }
  addAll(lines, row.children, trunk, true);
}

/** Where what ran at the same time begins and ends among its siblings. */
type Batches = ReadonlyMap<number | null, { readonly first: number; readonly last: number }>;

function batchesOf(rows: readonly PictureRow[]): Batches {
  const batches = new Map<number, { first: number; last: number }>();
  for (const [index, row] of rows.entries()) {
    const batch = batchOf(row);
    if (batch === null) continue;
    const known = batches.get(batch);
    if (known === undefined) batches.set(batch, { first: index, last: index });
    else known.last = index;
  }
  return batches;
}

/** The branch of one child, and its trunk; what ran at the same time hangs on a fork of its own. */
function forkOf(
  child: PictureRow,
  index: number,
  isEnd: boolean,
  batches: Batches,
): [branch: string, trunk: string] {
  const { first, last } = batches.get(batchOf(child)) ?? { first: index, last: index };
  const outer = isEnd ? " " : "│";
  const trunk = `${outer}${index === last ? " " : "│"} `;
  if (index !== first) return [`${outer}${index === last ? "└" : "├"} `, trunk];
  return [`${isEnd ? "└" : "├"}${index === last ? "─" : "┬"} `, trunk];
}

function batchOf(row: PictureRow): number | null {
  return row.kind === "span" ? row.batch : null;
}

/** Settles the columns for everything that is there to draw. */
export function layoutOf(
  picture: RunPicture,
  lines: readonly TreeLine[],
  width: number,
  now: number,
): Layout {
  let [names, subjects] = [12, 8];
  for (const { row, branch } of lines) {
    if (typeof row === "number" || row.kind !== "span") continue;
    names = Math.max(names, branch.length - 3 + textWidth(quoteName(row.name)));
    subjects = Math.max(subjects, textWidth(subjectOf(row, picture.conversation)));
  }
  const cells = width >= 88 ? Math.min(24, Math.floor(width / 5)) : 0;
  const left = cells === 0 ? width : width - cells - 2;
  return {
    name: Math.min(Math.floor(left / 4), names),
    subject: Math.min(Math.floor(left * 0.28), subjects),
    left,
    timeline: cells === 0 ? null : timelineOf(picture, cells, now),
    now,
    conversation: picture.conversation,
    speaking: picture.speaking,
  };
}

/** Draws one line of the tree. */
export function drawLine({ row, branch }: TreeLine, layout: Layout): Segment[] {
  if (typeof row === "number") {
    return [[branch, "dim"], [`${count(row, "earlier line")} not kept`, "dim"]];
  }
  if (row.kind === "note") return drawNote(branch, row);
  return row.kind === "turn" ? drawTurn(branch, row, layout) : drawSpan(branch, row, layout);
}

function drawTurn(branch: string, turn: PictureTurn, layout: Layout): Segment[] {
  const { tokens, state } = turn;
  const spent = tokens === 0 ? "" : `${tokens.toLocaleString("en-US")} tok`;
  const name = `think ${turn.iteration}`;
  const cells = nameCells(branch, name, layout);
  const took = durationOf(turn, layout.now);
  const room = layout.left - textWidth(branch) - cells - 16 - took.length;
  const isBelow = turn === layout.speaking;
  return [
    [branch, "dim"],
    [`${fit(name, cells)} `],
    state === "failed"
      ? [fit(oneLine(turn.error), room), "failed"]
      : isBelow
      ? [fit(BELOW[state], room), "dim"]
      // No line is so long that more than the beginning could be seen.
      : [fit(oneLine(turn.text.slice(0, 1_000)), room)],
    [`  ${glyphOf(state, layout.now)} `, STYLES[state]],
    [`${took} ${spent.padStart(10)}`, "dim"],
    ...drawBar(turn, STYLES[state], layout.timeline),
  ];
}

function drawSpan(branch: string, span: PictureSpan, layout: Layout): Segment[] {
  const { state } = span;
  const name = quoteName(span.name);
  const cells = nameCells(branch, name, layout);
  const took = durationOf(span, layout.now);
  const room = layout.left - textWidth(branch) - cells - layout.subject - 6 - took.length;
  return [
    [branch, "dim"],
    // Whose work it is, of all that stands below.
    [`${fit(name, cells)} `, laneOf(span) === span ? "bold" : undefined],
    [`${fitPath(subjectOf(span, layout.conversation), layout.subject)} `],
    [`${glyphOf(state, layout.now)} `, STYLES[state]],
    [took, "dim"],
    ["  "],
    [
      fit(resultOf(span, layout.conversation), room),
      state === "failed" ? "failed" : state === "lost" ? "dim" : undefined,
    ],
    ...drawBar(span, STYLES[state], layout.timeline),
  ];
}

function drawNote(branch: string, note: PictureNote): Segment[] {
  return [
    [branch, "dim"],
    note.warning ? ["⚠ ", "notice"] : ["· ", "dim"],
    [oneLine(note.text), note.warning ? "notice" : "dim"],
  ];
}

/** What is left for a name after its branch. Deep down, its beginning matters more than straight columns. */
function nameCells(branch: string, name: string, layout: Layout): number {
  return Math.max(layout.name + 3 - textWidth(branch), Math.min(8, textWidth(name)));
}

function durationOf(
  { startedAt, endedAt, durationMs, state }: PictureTurn | PictureSpan,
  now: number,
): string {
  const took = durationMs ?? (endedAt ?? now) - startedAt;
  // The duration is not known of work that was lost at once.
  return (state === "lost" && took === 0 ? "" : formatDuration(took)).padStart(7);
}

function glyphOf(state: SpanState, now: number): string {
  return state === "running" ? SPINNER[Math.floor(now / 100) % SPINNER.length]! : GLYPHS[state];
}

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** In place of a turn's text where that is drawn below the tree. */
const BELOW = {
  running: "",
  done: "the answer below",
  failed: "",
  lost: "cut off, see below",
} as const;
const GLYPHS = { done: "✓", failed: "✗", skipped: "–", waiting: "◐", lost: "?" } as const;
const STYLES: Readonly<Record<SpanState, Style>> = {
  running: "running",
  done: "done",
  failed: "failed",
  skipped: "dim",
  waiting: "notice",
  lost: "dim",
};
