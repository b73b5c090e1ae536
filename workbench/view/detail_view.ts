/**
 * The detail: everything about one event or one span, and the raw JSON of it.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { button, el, setText, show, toggle } from "../dom.ts";
import { count, line } from "../format.ts";
import { mark, type MarkName, setMark } from "../marks.ts";

/** One thing to show. */
export interface Detail {
  /** What it is: an event type, or a span's name. */
  readonly title: string;
  readonly mark: MarkName | null;
  /** What that means, in the words of the catalogue. */
  readonly about: string;
  /** Short facts, name and value. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Longer texts. */
  readonly texts: readonly DetailText[];
  /** Other events that belong to it. */
  readonly links: readonly DetailLink[];
  /** The events as they came. */
  readonly raw: readonly StreamEvent[];
}

/** A text with a name. */
export interface DetailText {
  readonly name: string;
  readonly text: string;
  readonly tone?: "failed" | "data";
}

/** A way to another event. */
export interface DetailLink {
  readonly name: string;
  readonly eventId: string;
}

/** The right pane. */
export class DetailView {
  readonly element: HTMLElement;
  readonly #title = el("h2", { class: "detail-title" });
  readonly #mark = mark("running");
  /** What scrolls. */
  readonly body = el("div", { class: "detail-body", attrs: { tabindex: "0", role: "group" } });
  readonly #empty = el("p", { class: "pane-empty" }, "Choose an event or a span to read it here.");
  readonly #copy: HTMLButtonElement;
  readonly #onOpen: (eventId: string) => void;
  #detail: Detail | null = null;
  #drawn = "";

  constructor(
    onOpen: (eventId: string) => void,
    onClose: () => void,
    onCopy: (text: string, what: string) => void,
  ) {
    this.#onOpen = onOpen;
    this.#copy = button("Copy the raw JSON", "copy", () => {
      const text = this.rawText();
      if (text !== null) onCopy(text, "Raw JSON");
    }, "button button-text");
    const close = button("Close the detail", mark("close"), onClose, "button button-icon");
    this.body.setAttribute("aria-label", "Detail");
    this.element = el(
      "section",
      { class: "pane pane-detail", attrs: { "aria-label": "Detail" } },
      el("header", { class: "pane-head" }, this.#mark, this.#title, this.#copy, close),
      this.body,
      this.#empty,
    );
    this.update(null);
  }

  /** The raw JSON of what is shown; null if nothing is. */
  rawText(): string | null {
    const { raw } = this.#detail ?? {};
    return raw === undefined || raw.length === 0
      ? null
      : raw.map((event) => JSON.stringify(event, null, 2)).join("\n");
  }

  update(detail: Detail | null): void {
    this.#detail = detail;
    const isEmpty = detail === null;
    toggle(this.element, "is-empty", isEmpty);
    show(this.#empty, isEmpty);
    show(this.body, !isEmpty);
    show(this.#copy, detail !== null && detail.raw.length > 0);
    this.#mark.style.display = detail?.mark ? "" : "none";
    if (detail === null) {
      setText(this.#title, "Detail");
      this.#drawn = "";
      return;
    }
    if (detail.mark !== null) setMark(this.#mark, detail.mark);
    setText(this.#title, line(detail.title));
    // A span that goes on changes with every frame; only what changed is drawn, so that text can be selected.
    const key = JSON.stringify([
      detail.title,
      detail.facts,
      detail.texts,
      detail.links,
      detail.raw.length,
    ]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.body.replaceChildren(...this.#parts(detail));
  }

  #parts({ about, facts, texts, links, raw }: Detail): HTMLElement[] {
    const parts: HTMLElement[] = [];
    if (about !== "") parts.push(el("p", { class: "detail-about" }, about));
    if (facts.length > 0) {
      parts.push(el(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([name, value]) => [
          el("dt", {}, name),
          el("dd", {}, line(value)),
        ]),
      ));
    }
    if (links.length > 0) {
      parts.push(
        el(
          "p",
          { class: "detail-links" },
          ...links.map(({ name, eventId }) =>
            el("button", {
              class: "button button-link",
              attrs: { type: "button" },
              on: { click: () => this.#onOpen(eventId) },
            }, name)
          ),
        ),
      );
    }
    for (const { name, text, tone = "data" } of texts) {
      parts.push(el("h3", {}, name), el("pre", { class: `data data-${tone}` }, cut(text)));
    }
    if (raw.length > 0) {
      parts.push(el("h3", {}, "raw JSON"));
      for (const event of raw) {
        parts.push(el("pre", { class: "data" }, cut(JSON.stringify(event, null, 2))));
      }
    }
    return parts;
  }
}

/** A megabyte of text would hold up the page; what is copied is whole. */
function cut(text: string): string {
  const rest = text.length - MAX_SHOWN;
  return rest <= 0
    ? text
    : `${text.slice(0, MAX_SHOWN)}\n… ${count(rest)} characters more: copy them`;
}

const MAX_SHOWN = 50_000;
