/**
 * What the timeline and the detail say of a line, in words.
 *
 * @module
 */
import type { PictureRow } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { RunState } from "../../src/view/run_summary.ts";
import { count, duration, money, offset } from "../format.ts";
import type { MarkName } from "../marks.ts";
import { titleOf } from "../model/run_words.ts";
import type { Spent } from "../model/row_tokens.ts";
import { costOf } from "../model/run_cost.ts";
import type { TimelineRow } from "../model/timeline_rows.ts";
import type { TimelineScreen } from "./timeline_screen.ts";

/** How a line stands: one of the drawings. */
export function stateOf(
  { row }: TimelineRow,
  picture: RunPicture,
): MarkName & (RunState | "ended") {
  if (row === null) return picture.summary.state;
  if (row.state === "skipped") return "stopped";
  return row.state === "lost" ? "ended" : row.state;
}

/** What works, or what is called. */
export function nameOf({ row }: TimelineRow, picture: RunPicture): string {
  if (row === null) return titleOf(picture.summary);
  return row.kind === "turn" ? `turn ${row.iteration}` : row.name || row.role;
}

/** What it works on; why it failed, where that is of its own and not of a line below. */
export function subjectOf({ row }: TimelineRow): string {
  if (row === null) return "";
  if (row.kind === "turn") return (row.error || row.text).slice(0, 120);
  const isCause = row.state === "failed" && !row.children.some(hasFailed);
  return (isCause && row.result.slice(0, 120)) || row.subject;
}

function hasFailed(row: PictureRow): boolean {
  return row.kind !== "note" && row.state === "failed";
}

/** Where the time on the critical path went, in words. */
export function longestOf(critical: ReadonlySet<PictureRow>, endsAt: number): string[] {
  return timeOf(critical, endsAt).slice(0, 3).map(({ name, ms, times }) =>
    `${name} ${duration(ms)}${times > 1 ? ` (${times}×)` : ""}`
  );
}

/** Where the time on the critical path went, by what took it, the most first: of nested work, the innermost counts. */
export function timeOf(
  critical: ReadonlySet<PictureRow>,
  endsAt: number,
): { name: string; ms: number; times: number }[] {
  const work = new Map<string, { ms: number; times: number }>();
  for (const row of critical) {
    if (
      row.kind === "note" ||
      (row.kind === "span" && row.children.some((child) => critical.has(child)))
    ) continue;
    const name = row.kind === "turn" ? "the model" : row.name.slice(0, 60) || row.role;
    const waited = row.kind === "span" ? row.waitedMs : 0;
    if (waited > 0) {
      const { ms, times } = work.get(PERSON) ?? { ms: 0, times: 0 };
      work.set(PERSON, { ms: ms + waited, times: times + 1 });
    }
    const { ms, times } = work.get(name) ?? { ms: 0, times: 0 };
    work.set(name, { ms: ms + (row.endedAt ?? endsAt) - row.startedAt - waited, times: times + 1 });
  }
  return [...work].map(([name, took]) => ({ name, ...took })).filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms);
}

/** How long a line's work took, and separately how long it waited for a person; null while unknown. */
export function tookOf(row: TimelineRow["row"]): string | null {
  if (row === null) return null;
  const isWaiting = row.kind === "span" && row.state === "waiting" && row.endedAt === null;
  if (isWaiting) return "waits";
  if (row.state === "lost") return "end not seen";
  if (row.durationMs === null) return null;
  const waitedMs = row.kind === "span" ? row.waitedMs : 0;
  const attempt = row.kind === "span" && row.attempt > 1 ? ` · attempt ${row.attempt}` : "";
  const waited = waitedMs > 0 ? ` · waited ${duration(waitedMs)}` : "";
  return `${duration(row.durationMs)}${waited}${attempt}`;
}

/** Whether the end had to wait for a line, or for something that it stands for. */
export function isCritical(
  { row, repeats }: TimelineRow,
  critical: ReadonlySet<PictureRow>,
): boolean {
  return row !== null && (critical.has(row) || repeats.some((it) => critical.has(it)));
}

const PERSON = "a person";

/** What a line cost; null if it cost nothing, or that is not known. The run's is what its summary counts. */
export function spentOf(
  { row }: TimelineRow,
  { picture: { summary }, spent, prices }: Pick<TimelineScreen, "picture" | "spent" | "prices">,
): Spent | null {
  if (row !== null) return spent.get(row) ?? null;
  const { total_tokens: tokens } = summary;
  return tokens === 0 ? null : { tokens, cost: prices === null ? 0 : costOf(summary, prices) };
}

/** Everything that the line says, as one sentence. */
export function readingOf(entry: TimelineRow, screen: TimelineScreen): string {
  const { row, lane, isLane } = entry;
  const { picture, startedAt, endsAt, critical, prices } = screen;
  const spent = spentOf(entry, screen);
  const start = (row?.startedAt ?? startedAt) - startedAt;
  const end = (row === null ? endsAt : row.endedAt ?? endsAt) - startedAt;
  return [
    nameOf(entry, picture),
    row?.kind === "span" ? row.subject.slice(0, 80) : "",
    row?.state ?? picture.summary.state,
    `${offset(start)} → ${offset(end)} s`,
    tookOf(row) ?? duration(end - start),
    row?.kind === "turn" && row.firstTokenAt !== null
      ? `first token after ${duration(row.firstTokenAt - row.startedAt)}`
      : "",
    spent === null ? "" : `${count(spent.tokens)} tok`,
    spent === null || prices === null ? "" : money(spent.cost, prices.currency),
    row?.kind === "span" ? row.result.slice(0, 160) : "",
    lane !== null && !isLane ? `in ${lane.name}` : "",
    row !== null && isCritical(entry, critical) ? "on the critical path" : "",
  ].filter((part) => part !== "").join(" · ");
}
