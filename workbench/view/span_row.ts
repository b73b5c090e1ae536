/**
 * One line of the timeline: what it is, and its bar.
 *
 * @module
 */
import type { PictureNote } from "../../src/view/picture_rows.ts";
import type { TimeFolds } from "../../src/view/time_folds.ts";
import { el, setAttr, setText, show, toggle } from "../dom.ts";
import { count, duration, money } from "../format.ts";
import { mark, type MarkName, setMark } from "../marks.ts";
import { failedIn } from "../model/folding.ts";
import type { TimeWindow } from "../model/time_scale.ts";
import type { TimelineRow } from "../model/timeline_rows.ts";
import { isCritical, nameOf, readingOf, spentOf, stateOf, subjectOf, tookOf } from "./row_words.ts";
import { placed } from "./time_axis.ts";
import type { TimelineScreen } from "./timeline_screen.ts";

/** The scale, the part of it that is in sight, and a text that is another one for another part. */
export interface TimelineScale {
  readonly folds: TimeFolds;
  readonly window: TimeWindow;
  /** How wide it is drawn. */
  readonly width: number;
  readonly key: string;
}

/** A line; its parts hang on it, so that filling it looks nothing up. */
export class SpanRow extends HTMLElement {
  readonly parts = {
    label: el("span", { class: "tl-label" }),
    fold: el("span", { class: "tl-fold-mark", attrs: { "aria-hidden": "true" } }, mark("open")),
    hidden: el("span", { class: "tl-hidden" }),
    state: el("span", { class: "aloud" }),
    mark: mark("running"),
    indent: el("span", { class: "tl-indent" }),
    kind: mark("step"),
    name: el("span", { class: "tl-name" }),
    subject: el("span", { class: "tl-subject" }),
    track: el("span", { class: "tl-track" }),
    bar: el("span", { class: "tl-bar" }),
    time: el("span", { class: "tl-time" }),
    notes: el("span", { class: "tl-notes" }),
    tokens: el("span", {}),
    cost: el("span", {}),
  };
}

/** An empty line. */
export function createSpanRow(): SpanRow {
  if (customElements.get("span-row") === undefined) customElements.define("span-row", SpanRow);
  const row = new SpanRow();
  row.className = "span-row";
  const { label, fold, mark, state, name, hidden, subject, track, bar, time, notes } = row.parts;
  const { tokens, cost, indent, kind } = row.parts;
  label.append(mark, indent, fold, kind, state, " ", name, " ", hidden, " ", subject);
  track.append(bar, time, notes);
  // The description of the line says it.
  const columns = el(
    "span",
    { class: "tl-columns", attrs: { "aria-hidden": "true" } },
    tokens,
    cost,
  );
  row.append(label, " ", track, columns);
  return row;
}

/** Makes a line say what there is to say. */
export function fillSpanRow(
  element: SpanRow,
  entry: TimelineRow,
  screen: TimelineScreen,
  scale: TimelineScale,
): void {
  const { row, depth, isLane, isBranch, hidden, repeats } = entry;
  const { picture, critical, timeline } = screen;
  const { parts } = element;
  const state = stateOf(entry, picture);
  setAttr(element, "aria-level", String(depth + 1));
  setAttr(element, "aria-description", readingOf(entry, screen));
  parts.indent.style.setProperty("--depth", String(Math.min(depth, MAX_INDENT)));
  const isShut = hidden > 0;
  setAttr(element, "aria-expanded", isBranch ? String(!isShut) : null);
  toggle(parts.fold, "is-none", !isBranch);
  toggle(parts.fold, "is-open", isBranch && !isShut);
  show(parts.hidden, isShut && repeats.length === 0);
  if (isShut && row !== null && repeats.length === 0) {
    const failed = failedIn(row.children);
    setText(parts.hidden, `+${hidden}${failed > 0 ? ` · ${failed} failed` : ""}`);
    toggle(parts.hidden, "is-failed", failed > 0);
  }
  setMark(parts.mark, state);
  // The run itself is of no kind.
  toggle(parts.kind, "is-none", row === null);
  setMark(parts.kind, kindOf(row));
  setText(parts.state, state);
  setText(parts.name, nameOf(entry, picture));
  setText(parts.subject, subjectOf(entry));
  element.dataset.state = state;
  element.dataset.form = row?.kind === "turn" ? "model" : isLane || isHolding(row) ? "box" : "work";
  toggle(element, "is-lane", isLane);
  toggle(element, "is-root", row === null);
  toggle(element, "is-critical", row !== null && isCritical(entry, critical));
  const spent = spentOf(entry, screen);
  setText(parts.tokens, spent === null ? "" : count(spent.tokens));
  setText(
    parts.cost,
    spent === null || screen.prices === null ? "" : money(spent.cost, screen.prices.currency),
  );
  drawBar(element, entry, screen, scale);
  drawNotes(parts.notes, row === null ? timeline.notes : [], screen.startedAt, scale);
}

/** What kind of work a line is, as a drawing: by its form it is told again, and by its name. */
function kindOf(row: TimelineRow["row"]): MarkName {
  if (row?.kind === "turn") return "model";
  if (row === null) return "step";
  return row.role === "tool"
    ? "tool"
    : row.role === "query"
    ? "find"
    : AGENTS.has(row.role)
    ? "agent"
    : "step";
}

function isHolding(row: TimelineRow["row"]): boolean {
  return row === null || row.children.some(({ kind }) => kind !== "note");
}

function drawBar(
  { parts: { bar, time } }: SpanRow,
  { row, repeats }: TimelineRow,
  { startedAt, endsAt }: TimelineScreen,
  { folds, window: { from, to }, width }: TimelineScale,
): void {
  const shareOf = (ms: number) => (folds.placeOf(ms) - from) / (to - from);
  const startMs = (row?.startedAt ?? startedAt) - startedAt;
  const endMs = (row === null ? endsAt : row.endedAt ?? endsAt) - startedAt;
  const left = Math.max(0, shareOf(startMs));
  const right = Math.min(1, shareOf(endMs));
  const isInSight = right >= 0 && left <= 1;
  show(bar, isInSight);
  show(time, isInSight);
  if (!isInSight) return;
  bar.style.left = `${left * 100}%`;
  bar.style.width = `${Math.max(0, right - left) * 100}%`;
  // The light part lasts until the first token. A call that is over and has no such event is drawn as all text.
  const firstAt = row?.kind === "turn"
    ? row.firstTokenAt ?? (row.endedAt === null ? endsAt : 0)
    : 0;
  const first = Math.min(1, (shareOf(firstAt - startedAt) - left) / (right - left));
  bar.style.setProperty("--first", `${Math.max(0, first || 0) * 100}%`);
  bar.style.maskImage = partsOf(
    repeats.map((it) => [shareOf(it.startedAt - startedAt), shareOf(it.endedAt! - startedAt)]),
    left,
    right,
  );
  const took = tookOf(row) ?? duration(endMs - startMs);
  setText(time, took);
  // Words that would be cut at the right edge stand before the bar, if there is more room.
  const words = took.length * LETTER_PX + 16;
  const isBefore = (1 - right) * width + EDGE_PX < words && left * width > words;
  time.style.left = `${(isBefore ? left : right) * 100}%`;
  toggle(time, "is-before", isBefore);
}

/** Only these parts of a bar are seen; all of it if there are too many. */
function partsOf(
  parts: readonly (readonly [from: number, to: number])[],
  left: number,
  right: number,
): string {
  if (parts.length === 0 || parts.length > MAX_PARTS || right <= left) return "";
  const at = (share: number) => `${((share - left) / (right - left) * 100).toFixed(2)}%`;
  // However short one is, it is seen.
  const least = (right - left) / 100;
  const stops = parts.map(([from, to]) => {
    const [start, end] = [at(from), at(Math.max(to, from + least))];
    return `transparent ${start}, #000 ${start} ${end}, transparent ${end}`;
  });
  return `linear-gradient(to right, ${stops.join()})`;
}

function drawNotes(
  holder: HTMLElement,
  notes: readonly PictureNote[],
  startedAt: number,
  { folds, window, key: scaleKey }: TimelineScale,
): void {
  const last = notes.at(-1);
  const key = last === undefined ? "" : `${notes.length} ${scaleKey} ${last.key} ${last.revision}`;
  if (holder.dataset.key === key) return;
  holder.dataset.key = key;
  const half = MAX_NOTES / 2;
  const shown = notes.length <= MAX_NOTES ? notes : [
    ...notes.filter(({ warning }) => warning).slice(-half),
    ...notes.filter(({ warning }) => !warning).slice(-half),
  ];
  holder.replaceChildren(...shown.map((note) => {
    const dot = el("span", { class: "tl-note", attrs: { title: note.text } });
    dot.dataset.kind = noteKindOf(note);
    return placed(dot, folds.placeOf((note.at ?? startedAt) - startedAt), window);
  }));
}

function noteKindOf({ eventType, warning }: PictureNote): string {
  if (eventType === "bus.gap") return "gap";
  if (eventType === "agent.interrupt") return "waiting";
  return warning ? "notice" : "plain";
}

const AGENTS: ReadonlySet<string> = new Set(["agent", "subagent", "specialist", "handoff"]);
const MAX_INDENT = 10;
const LETTER_PX = 6.5;
/** What is left free beside the scale, at least. */
const EDGE_PX = 68;
const MAX_NOTES = 300;
const MAX_PARTS = 40;
