/**
 * The messages of a prompt: what is new in it first in sight, what was there before folded, and a search within.
 *
 * @module
 */
import { el, setText, show } from "../dom.ts";
import { count, counted, cut } from "../format.ts";
import type { DetailMessage } from "../model/detail_form.ts";

/** Draws a prompt. Texts are put into the page when they are opened: a prompt may be as long as its run. */
export function createMessagesView(messages: readonly DetailMessage[]): HTMLElement {
  const all = el("div", { class: "messages" });
  const before = messages.filter(({ isNew }) => !isNew);
  if (before.length > 0) {
    const summary = el("summary", {}, `${counted(before.length, "message")} as in the call before`);
    all.append(folded("messages-before", summary, () => before.map((one) => createMessage(one))));
  }
  all.append(...messages.filter(({ isNew }) => isNew).map((one) => createMessage(one)));
  const length = messages.reduce((sum, { text }) => sum + text.length, 0);
  if (messages.length <= FEW_MESSAGES && length <= LONG) return all;
  const found = el("div", { class: "messages" });
  const hits = el("span", { class: "messages-hits", attrs: { role: "status" } });
  const search = el("input", {
    class: "field",
    attrs: {
      type: "search",
      placeholder: "find in the prompt…",
      "aria-label": "Find in the prompt",
    },
    on: {
      input: () => {
        const pattern = patternOf(search.value);
        show(all, pattern === null);
        show(found, pattern !== null);
        const hit = pattern === null
          ? []
          : messages.filter(({ text }) => text.search(pattern) >= 0);
        const isCut = hit.length > MAX_FOUND;
        setText(
          hits,
          pattern === null
            ? ""
            : `${hit.length} of ${messages.length}${isCut ? ", the last shown" : ""}`,
        );
        found.replaceChildren(
          ...hit.slice(-MAX_FOUND).map((message) => createMessage(message, pattern!)),
        );
      },
    },
  });
  found.hidden = true;
  return el("div", {}, el("p", { class: "messages-find" }, search, hits), all, found);
}

/** @param pattern What is looked for in it: then it is open, from a little before the first place. */
function createMessage({ role, text }: DetailMessage, pattern?: RegExp): HTMLElement {
  const start = text.slice(0, 200).replace(/\s+/g, " ").trim();
  const isLong = text.length > LONG;
  const summary = el(
    "summary",
    {},
    el("b", {}, role || "?"),
    isLong ? ` ${count(text.length)} characters` : "",
    " ",
    el("span", { class: "message-start" }, start),
  );
  const parts = () => [
    el("pre", { class: "data" }, ...(pattern === undefined ? [cut(text)] : marked(text, pattern))),
  ];
  return folded("message", summary, parts, pattern !== undefined || !isLong);
}

/** What can be opened, and is filled then. */
function folded(
  className: string,
  summary: HTMLElement,
  fill: () => HTMLElement[],
  isOpen = false,
): HTMLDetailsElement {
  let isFilled = false;
  const open = () => {
    if (!isFilled && element.open) {
      isFilled = true;
      element.append(...fill());
    }
  };
  const element = el("details", { class: className, on: { toggle: open } }, summary);
  element.open = isOpen;
  open();
  return element;
}

/** A text from a little before the first place on, with all places marked. */
function marked(text: string, pattern: RegExp): (Node | string)[] {
  const from = Math.max(0, text.search(pattern) - AROUND);
  const shown = cut(text.slice(from));
  const parts: (Node | string)[] = from > 0 ? [`… ${count(from)} characters before\n`] : [];
  let end = 0;
  for (const { 0: place, index } of shown.matchAll(pattern)) {
    parts.push(shown.slice(end, index), el("mark", {}, place));
    end = index + place.length;
    if (parts.length > MAX_MARKS) break;
  }
  return [...parts, shown.slice(end)];
}

function patternOf(words: string): RegExp | null {
  const text = words.trim().slice(0, 200);
  return text === "" ? null : new RegExp(text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu");
}

const FEW_MESSAGES = 3;
/** A message that is longer is folded. */
const LONG = 1_500;
const AROUND = 300;
const MAX_FOUND = 100;
const MAX_MARKS = 1_000;
