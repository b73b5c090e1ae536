/**
 * The detail: everything about one event or one span, and the raw JSON of it.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { visibleJson } from "../../src/view/visible.ts";
import type { Tab } from "../route.ts";
import { button, el, setAttr, setText, show } from "../dom.ts";
import { cut } from "../format.ts";
import { mark, type MarkName, setMark } from "../marks.ts";
import type { DetailForm } from "../model/detail_form.ts";

/** One thing to show. */
export interface Detail {
  /** Of an event, what it says comes first; of a span, what went in and came out. */
  readonly isEvent: boolean;
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
  /** In place of the text. */
  readonly form?: DetailForm;
  /** Whether it went in or came out. */
  readonly side?: Tab;
  /** Whether it is shown only when it is asked for. */
  readonly isFolded?: boolean;
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
  readonly body = el("div", {
    class: "detail-body",
    attrs: { tabindex: "0", role: "group", "aria-label": "Detail" },
  });
  readonly #empty = el("p", { class: "pane-empty" });
  readonly #copy: HTMLButtonElement;
  readonly #onOpen: (eventId: string) => void;
  readonly #head = el("div", { class: "detail-head" });
  readonly #texts = el("div", { class: "detail-texts" });
  readonly #raw = el("div", { class: "detail-raw" });
  #detail: Detail | null = null;
  readonly #sides: ReadonlyMap<Tab, HTMLButtonElement>;
  readonly #tabs: HTMLElement;
  #side: Tab | null = null;
  #createForm: ((form: DetailForm) => HTMLElement) | null = null;
  #drawnTexts: readonly DetailText[] = [];
  #drawnHead = "";
  #drawnRaw = "";

  constructor(
    onOpen: (eventId: string) => void,
    onClose: () => void,
    onCopy: (text: string, what: string) => void,
    onTab: (tab: Tab) => void,
  ) {
    this.#onOpen = onOpen;
    this.body.append(this.#head, this.#texts, this.#raw);
    this.#copy = button("Copy the raw JSON", "copy", () => {
      const text = this.rawText();
      if (text !== null) onCopy(text, "Raw JSON");
    }, "button button-text");
    const close = button("Close the detail", mark("close"), onClose, "button button-icon");
    const tab = (side: Tab, title: string, key: string) =>
      [
        side,
        el(
          "button",
          {
            class: "switch",
            attrs: { type: "button", "aria-pressed": "false" },
            on: { click: () => onTab(side) },
          },
          title,
          el("kbd", { attrs: { "aria-hidden": "true" } }, key),
        ),
      ] as const;
    this.#sides = new Map([tab("input", "Input", "i"), tab("output", "Output", "o")]);
    this.#tabs = el(
      "div",
      { class: "detail-tabs", attrs: { role: "group", "aria-label": "Show only" } },
      ...this.#sides.values(),
    );
    this.element = el(
      "section",
      { class: "pane pane-detail", attrs: { "aria-label": "Detail" } },
      el("header", { class: "pane-head" }, this.#mark, this.#title, this.#copy, close),
      this.#tabs,
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
      : raw.map((event) => visibleJson(event, 2)).join("\n");
  }

  /** Shows only what went in, or what came out; null shows all of it. */
  showSide(side: Tab | null): void {
    if (side === this.#side) return;
    this.#side = side;
    for (const [name, tab] of this.#sides) {
      setAttr(tab, "aria-pressed", String(name === this.#side));
    }
    setAttr(this.body, "data-side", this.#side);
    this.body.scrollTop = 0;
  }

  /**
   * @param createForm Draws what is no text; null while nothing is selected.
   * @param problem Why nothing can be shown; "" if it can.
   */
  update(
    detail: Detail | null,
    createForm: ((form: DetailForm) => HTMLElement) | null = null,
    problem = "",
  ): void {
    this.#detail = detail;
    this.#createForm = createForm;
    setText(this.#empty, problem || "Choose an event or a span to read it here.");
    const isEmpty = detail === null;
    show(this.#empty, isEmpty);
    show(this.body, !isEmpty);
    show(this.#tabs, detail?.texts.some(({ side }) => side !== undefined) ?? false);
    show(this.#copy, detail !== null && detail.raw.length > 0);
    this.#mark.style.display = detail?.mark ? "" : "none";
    if (detail === null) {
      setText(this.#title, "Detail");
      return;
    }
    if (detail.mark !== null) setMark(this.#mark, detail.mark);
    setText(this.#title, detail.title);
    // A span that goes on changes with every frame; only what changed is drawn, so that text can be selected, and what
    // was opened stays open.
    const { title, about, facts, links, raw } = detail;
    const head = JSON.stringify([title, about, facts, links]);
    if (head !== this.#drawnHead) this.#head.replaceChildren(...this.#headOf(detail));
    this.#drawnHead = head;
    const first = detail.isEvent ? this.#head : this.#texts;
    if (this.body.firstElementChild !== first) this.body.prepend(first);
    this.#drawTexts(detail.texts);
    const ids = raw.map(({ run_id: runId, event_id: eventId }) => `${runId} ${eventId}`);
    const key = [detail.isEvent, ...ids].join();
    if (key !== this.#drawnRaw) this.#raw.replaceChildren(...rawOf(detail));
    this.#drawnRaw = key;
  }

  #drawTexts(texts: readonly DetailText[]): void {
    texts.forEach((text, index) => {
      const drawn = this.#drawnTexts[index];
      if (drawn !== undefined && isSame(drawn, text)) return;
      const element = this.#createText(text);
      const before = this.#texts.children[index];
      if (before === undefined) this.#texts.append(element);
      else before.replaceWith(element);
    });
    while (this.#texts.children.length > texts.length) this.#texts.lastElementChild!.remove();
    this.#drawnTexts = texts;
  }

  #createText(
    { name, text, tone = "data", form, isFolded, side = "input" }: DetailText,
  ): HTMLElement {
    const shown = form && this.#createForm !== null
      ? this.#createForm(form)
      : el("pre", { class: `data data-${tone}` }, cut(text));
    const title = el("h3", {}, name);
    const element = isFolded === true
      ? el("details", {}, el("summary", {}, title), shown)
      : el("div", {}, title, shown);
    element.classList.add(`detail-${side}`);
    return element;
  }

  #headOf({ about, facts, links }: Detail): HTMLElement[] {
    const parts: HTMLElement[] = [];
    if (about !== "") parts.push(el("p", { class: "detail-about" }, about));
    if (facts.length > 0) {
      parts.push(el(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([name, value]) => [
          el("dt", {}, name),
          el("dd", {}, value),
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
    return parts;
  }
}

function isSame(a: DetailText, b: DetailText): boolean {
  return a === b || (a.name === b.name && a.text === b.text && a.tone === b.tone &&
    a.form === b.form && a.isFolded === b.isFolded);
}

/** Of a span, what went in and came out says more. */
function rawOf({ raw, isEvent }: Detail): HTMLElement[] {
  if (raw.length === 0) return [];
  return [el(
    "details",
    { attrs: isEvent ? { open: "" } : {} },
    el("summary", {}, el("h3", {}, "raw JSON")),
    ...raw.map((event) => el("pre", { class: "data" }, cut(visibleJson(event, 2)))),
  )];
}
