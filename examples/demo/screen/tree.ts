/**
 * The lines under a run's header: turns, what hangs on them, and the timeline beside them.
 *
 * @module
 */
import type { Segment, Style } from "./paint.ts";
import { elapsed, type Note, type Row, type RunView, type Span, type Turn } from "./run_view.ts";
import { firstLine, fit, fitPath, oneLine, textWidth } from "./text.ts";
import { formatDuration } from "./words.ts";

/** Where the columns are, and what the timeline shows. */
export interface Layout {
  /** Cells for a name with its branch, less the three of the first branch. */
  readonly name: number;
  readonly subject: number;
  /** Cells before the timeline. */
  readonly left: number;
  readonly timeline: number;
  readonly startedAt: number;
  /** How much time the timeline shows, in milliseconds. */
  readonly span: number;
  readonly now: number;
}

/** Settles the columns for everything that is there to draw. */
export function layoutOf(view: RunView, width: number, now: number): Layout {
  const spans = spansOf(view.rows, 0);
  const timeline = width >= 88 ? Math.min(24, Math.floor(width / 5)) : 0;
  const left = timeline === 0 ? width : width - timeline - 2;
  const time = elapsed(view, now);
  const names = spans.map(({ span, depth }) => 3 * depth + textWidth(oneLine(span.name)));
  const subjects = spans.map(({ span }) => textWidth(oneLine(span.subject)));
  return {
    name: Math.min(Math.floor(left / 4), Math.max(12, ...names)),
    subject: Math.min(Math.floor(left * 0.28), Math.max(8, ...subjects)),
    left,
    timeline,
    startedAt: view.startedAt ?? now,
    // While the run goes on the scale grows in steps, so that the bars keep still between them.
    span: view.endedAt === null ? SCALES.find((scale) => scale >= time) ?? time * 1.5 : time,
    now,
  };
}

function spansOf(rows: readonly Row[], depth: number): { span: Span; depth: number }[] {
  return rows.flatMap((row) => {
    if (row.kind === "note") return [];
    const inner = spansOf(row.children, depth + 1);
    return row.kind === "span" ? [{ span: row, depth }, ...inner] : inner;
  });
}

/** One row, with all that hangs on it. */
export function drawRow(row: Row, isLast: boolean, layout: Layout): Segment[][] {
  return drawBranch(row, isLast ? "└─ " : "├─ ", isLast ? "   " : "│  ", layout);
}

function drawBranch(row: Row, branch: string, trunk: string, layout: Layout): Segment[][] {
  if (row.kind === "note") return [drawNote(branch, row)];
  return [
    row.kind === "turn" ? drawTurn(branch, row, layout) : drawSpan(branch, row, layout),
    ...row.children.flatMap((child, index) => {
      const [fork, below] = forkOf(row.children, index);
      return drawBranch(child, trunk + fork, trunk + below, layout);
    }),
  ];
}

/** The branch of one child, and its trunk; what ran at the same time hangs on a fork of its own. */
function forkOf(children: readonly Row[], index: number): [branch: string, trunk: string] {
  const batch = batchOf(children[index]!);
  const together = batch === null ? [index] : children.keys()
    .filter((other) => batchOf(children[other]!) === batch).toArray();
  const isFirst = index === together[0];
  const isLast = index === together.at(-1);
  const isEnd = together.at(-1) === children.length - 1;
  const outer = isEnd ? " " : "│";
  const trunk = `${outer}${isLast ? " " : "│"} `;
  if (!isFirst) return [`${outer}${isLast ? "└" : "├"} `, trunk];
  return [`${isEnd ? "└" : "├"}${isLast ? "─" : "┬"} `, trunk];
}

function batchOf(row: Row): number | null {
  return row.kind === "span" ? row.batch : null;
}

function drawTurn(branch: string, turn: Turn, layout: Layout): Segment[] {
  const { startedAt, endedAt, tokens } = turn;
  const state = endedAt === null ? "running" : "done";
  const answers = endedAt !== null && turn.text === "";
  const duration = formatDuration((endedAt ?? layout.now) - startedAt).padStart(7);
  const spent = tokens === 0 ? "" : `${tokens.toLocaleString("en-US")} tok`;
  const room = layout.left - layout.name - 26;
  return [
    [branch, "dim"],
    [`${fit(`think ${turn.iteration}`, layout.name + 3 - textWidth(branch))} `],
    answers ? [fit("the answer below", room), "dim"] : [fit(oneLine(turn.text), room)],
    [`  ${state === "running" ? spinner(layout.now) : "✓"} `, state],
    [`${duration} ${spent.padStart(10)}`, "dim"],
    ...bar(startedAt, endedAt, state, layout),
  ];
}

function drawSpan(branch: string, span: Span, layout: Layout): Segment[] {
  const { state, startedAt, durationMs } = span;
  const glyph = state === "running" ? spinner(layout.now) : state === "done" ? "✓" : "✗";
  const duration = formatDuration(durationMs ?? layout.now - startedAt).padStart(7);
  const room = layout.left - layout.name - layout.subject - 16;
  return [
    [branch, "dim"],
    [`${fit(oneLine(span.name), layout.name + 3 - textWidth(branch))} `],
    [`${fitPath(oneLine(span.subject), layout.subject)} `],
    [`${glyph} `, state],
    [duration, "dim"],
    ["  "],
    [fit(firstLine(span.result), room), state === "failed" ? "failed" : undefined],
    ...bar(startedAt, durationMs === null ? null : startedAt + durationMs, state, layout),
  ];
}

function drawNote(branch: string, note: Note): Segment[] {
  return [
    [branch, "dim"],
    note.warning ? ["⚠ ", "notice"] : ["· ", "dim"],
    [oneLine(note.text), note.warning ? "notice" : "dim"],
  ];
}

/** From when to when, on the scale of the whole run: what overlaps here ran at the same time. */
function bar(from: number, to: number | null, style: Style, layout: Layout): Segment[] {
  const { timeline, startedAt, span, now } = layout;
  if (timeline === 0) return [];
  const cell = (time: number) => ((time - startedAt) / Math.max(1, span)) * timeline;
  const start = Math.min(timeline - 1, Math.max(0, Math.floor(cell(from))));
  const end = Math.min(timeline, Math.max(start + 1, Math.round(cell(to ?? now))));
  return [["  "], ["─".repeat(start), "faint"], ["━".repeat(end - start), style], [
    "─".repeat(timeline - end),
    "faint",
  ]];
}

function spinner(now: number): string {
  return SPINNER[Math.floor(now / 100) % SPINNER.length]!;
}

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const SCALES = [2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].map((seconds) => seconds * 1000);
