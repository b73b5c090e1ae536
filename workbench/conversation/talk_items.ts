/**
 * The parts of a conversation.
 *
 * @module
 */
import type { PictureNote } from "../../src/view/picture_rows.ts";
import { el, setText } from "../dom.ts";
import { count, counted, cut, duration, offset } from "../format.ts";
import { mark, stateMark } from "../marks.ts";
import { eventIdOf } from "../model/timeline_rows.ts";
import type { ViewActions } from "../view/lazy_pane.ts";
import type { TalkCall, TalkItem, TalkSaid } from "./talk.ts";

type Open = ViewActions["open"];

/** What somebody says. @param start When the run began. @param isOpen Whether its reasoning is shown. */
export function createSaid(
  { role, who, at, text, reasoning, hints, turn, eventId }: TalkSaid,
  start: number,
  isOpen: boolean,
  onOpen: Open,
): HTMLElement {
  const open = () => eventId !== null && onOpen(eventId, turn !== null);
  const facts = turn === null ? [] : [
    `turn ${turn.iteration}`,
    turn.durationMs === null
      ? turn.state === "lost" ? "end not seen" : ""
      : duration(turn.durationMs),
    turn.tokens > 0 ? `${count(turn.tokens)} tok` : "",
    ...hints,
  ];
  const head = el(
    "button",
    { class: "talk-head", attrs: { type: "button" }, on: { click: open } },
    el("b", {}, who),
    el("span", { class: "talk-facts" }, facts.filter(Boolean).join(" · ")),
  );
  const body: HTMLElement[] = [];
  if (reasoning !== "") {
    const details = el(
      "details",
      { class: "talk-reasoning" },
      el("summary", {}, `Reasoning, ${counted(reasoning.length, "character")}`),
      el("p", { class: "talk-text" }, cut(reasoning)),
    );
    details.open = isOpen;
    body.push(details);
  }
  const shown = text.trim();
  if (shown !== "") body.push(...textOf(shown));
  if (turn !== null && turn.error !== "") {
    body.push(el("p", { class: "talk-error" }, turn.error));
  }
  if (turn?.state === "running") {
    body.push(el("span", { class: "talk-caret", attrs: { "aria-hidden": "true" } }));
  }
  return el(
    "div",
    { class: `talk-said talk-${role}` },
    el("span", { class: "talk-at" }, `${offset(at - start)} s`),
    el("div", { class: "talk-words" }, head, ...body),
  );
}

/** Something that is called, on one line. */
export function createCall({ row, input, output }: TalkCall, onOpen: Open): HTMLElement {
  const open = () => {
    const eventId = eventIdOf(row);
    if (eventId !== null) onOpen(eventId, true);
  };
  const isFailed = row.state === "failed";
  const state = row.state === "skipped" ? "stopped" : row.state === "lost" ? "ended" : row.state;
  return el(
    "div",
    { class: `talk-call talk-${row.role}` },
    el(
      "button",
      { class: "talk-line", attrs: { type: "button" }, on: { click: open } },
      mark(stateMark(state)),
      el("span", { class: "aloud" }, row.state),
      el("b", {}, row.name || row.role),
      el("span", { class: "talk-input" }, input.slice(0, 300)),
      el(
        "span",
        { class: isFailed ? "talk-output talk-error" : "talk-output" },
        output === "" ? "" : `→ ${(isFailed ? row.result || output : output).slice(0, 300)}`,
      ),
      el("span", { class: "talk-took" }, row.durationMs === null ? "" : duration(row.durationMs)),
    ),
  );
}

/** A question, a gap, or another thing to know. */
export function createNote({ text, eventType }: PictureNote): HTMLElement {
  const isQuestion = eventType === "agent.interrupt";
  const name = isQuestion ? "waiting" : eventType === "bus.gap" ? "gap" : "notice";
  return el("div", { class: `talk-note talk-note-${name}` }, mark(name), el("p", {}, text));
}

/** Whether an item stands for the event that is selected. */
export function isSelected(item: TalkItem, selection: string | null): boolean {
  if (selection === null) return false;
  const row = item.kind === "said" ? item.turn : item.row;
  if (row === null) return false;
  return row.kind === "note"
    ? row.eventId === selection
    : row.startEventId === selection || row.endEventId === selection;
}

/** Twelve lines, and the rest for those who ask. */
function textOf(text: string): HTMLElement[] {
  const start = startOf(text);
  if (start.length === text.length) return [el("p", { class: "talk-text" }, text)];
  const rest = el("p", { class: "talk-text" });
  const details = el(
    "details",
    { class: "talk-rest" },
    el("summary", {}, `${counted(text.length - start.length, "character")} more`),
    rest,
  );
  details.ontoggle = () => details.open && setText(rest, cut(text.slice(start.length)));
  return [el("p", { class: "talk-text" }, `${start.trimEnd()} …`), details];
}

function startOf(text: string): string {
  const lines = text.split("\n", MAX_LINES + 1);
  const start = lines.length > MAX_LINES ? lines.slice(0, MAX_LINES).join("\n") : text;
  return start.length > MAX_START ? start.slice(0, MAX_START) : start;
}

const MAX_LINES = 12;
const MAX_START = 1_500;
