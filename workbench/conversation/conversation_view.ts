/**
 * The conversation: what was said and called, from top to bottom; work inside of work can be opened.
 *
 * @module
 */
import { addRules, button, el, setAttr, setText, show, toggle } from "../dom.ts";
import { count, counted, duration } from "../format.ts";
import { mark, setMark, stateMark } from "../marks.ts";
import type { RunView, ViewActions, ViewScreen } from "../view/lazy_pane.ts";
import { RULES } from "./style.ts";
import { type TalkInside, type TalkItem, talkOf } from "./talk.ts";
import { createCall, createNote, createSaid, isSelected } from "./talk_items.ts";

/** The view. */
export class ConversationView implements RunView {
  readonly element: HTMLElement;
  readonly focusable: HTMLElement;
  readonly #open: ViewActions["open"];
  readonly #body: HTMLElement;
  readonly #talk = el("div", { class: "talk", attrs: { role: "list" } });
  readonly #older: HTMLButtonElement;
  readonly #note = el("span", { class: "count" });
  readonly #hint: HTMLElement;
  readonly #end = el("p", { class: "talk-end" });
  readonly #switches: readonly { key: string; element: HTMLButtonElement }[];
  /** What is shown of it, by list: each item as it was drawn. */
  readonly #drawn = new WeakMap<Element, Map<string, { version: string; element: HTMLElement }>>();
  #run = "";
  #shown = "";
  #limit = PAGE;
  #screen: ViewScreen | null = null;
  #follows = true;
  #mustReveal = true;

  constructor(actions: ViewActions) {
    addRules(RULES);
    this.#open = (eventId, isSpan) => actions.open(eventId, isSpan);
    this.#older = button("Show what came before", "", () => {
      this.#limit += PAGE;
      this.#shown = "";
      this.#follows = false;
      actions.redraw();
    }, "button button-text talk-older");
    this.#switches = SWITCHES.map(([key, name]) => ({
      key,
      element: el(
        "button",
        {
          class: "switch",
          attrs: { type: "button", "aria-pressed": String(key === "t") },
          on: { click: () => this.press(key) },
        },
        name,
        el("kbd", { attrs: { "aria-hidden": "true" } }, key),
      ),
    }));
    this.#hint = el(
      "div",
      { class: "talk-hint" },
      el("p", {}, "Prompts and answers were not captured. This switches it on for a run:"),
      el("pre", { class: "data" }, "withRun({ content: true }, …)"),
    );
    this.#body = el(
      "div",
      {
        class: "talk-body",
        attrs: { tabindex: "0", role: "group", "aria-label": "Conversation" },
        on: { scroll: () => this.#onScroll() },
      },
      this.#hint,
      this.#older,
      this.#talk,
      this.#end,
    );
    this.focusable = this.#body;
    this.element = el(
      "div",
      { class: "conversation" },
      el(
        "div",
        { class: "view-head" },
        this.#note,
        el("div", { class: "switches" }, ...this.#switches.map(({ element }) => element)),
      ),
      this.#body,
    );
    this.#body.addEventListener("keydown", (event) => this.#onKey(event));
    this.#applySwitches();
  }

  reveal(): void {
    this.#mustReveal = true;
  }

  press(key: string): boolean {
    const pressed = this.#switches.find((one) => one.key === key)?.element;
    if (pressed === undefined) return false;
    setAttr(pressed, "aria-pressed", String(pressed.getAttribute("aria-pressed") !== "true"));
    this.#applySwitches();
    return true;
  }

  update(screen: ViewScreen): void {
    this.#screen = screen;
    const { picture, log } = screen.shown;
    if (log.runId !== this.#run) {
      this.#run = log.runId;
      this.#limit = PAGE;
      this.#follows = true;
    }
    const key = `${log.runId} ${picture.revision} ${screen.selection} ${screen.shown.startedAt}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const items = talkOf(picture.rows, picture.conversation);
    const shown = items.slice(-this.#limit);
    show(this.#hint, picture.conversation.isEmpty && items.length > 0);
    show(this.#older, shown.length < items.length);
    setText(this.#older, `show ${count(items.length - shown.length)} that came before`);
    this.#reconcile(this.#talk, shown);
    const { summary, leftOut } = picture;
    setText(
      this.#note,
      [
        summary.model_calls > 0 ? counted(summary.model_calls, "model call") : "",
        summary.tool_calls > 0 ? counted(summary.tool_calls, "tool call") : "",
        leftOut.work > 0 ? `${count(leftOut.work)} older lines not kept` : "",
      ].filter(Boolean).join(" · "),
    );
    const isOver = summary.state !== "running" && summary.state !== "waiting";
    setText(
      this.#end,
      isOver
        ? `Run ${summary.state}${summary.error ? `: ${summary.error}` : ""}`
        : items.length === 0
        ? "Nobody has said anything yet."
        : "",
    );
    toggle(this.#end, "is-failed", summary.state === "failed");
    if (this.#mustReveal) {
      this.#mustReveal = false;
      const selected = this.#talk.querySelector(".is-selected");
      if (selected !== null) {
        this.#follows = false;
        selected.scrollIntoView({ block: "nearest" });
      }
    }
    if (this.#follows && screen.shown.isMoving) this.#body.scrollTop = this.#body.scrollHeight;
  }

  #applySwitches(): void {
    for (const { key, element } of this.#switches) {
      toggle(this.element, `shows-${key}`, element.getAttribute("aria-pressed") === "true");
    }
    if (this.element.classList.contains("shows-z") === this.#opensReasoning) return;
    this.#opensReasoning = !this.#opensReasoning;
    for (const details of this.#talk.querySelectorAll<HTMLDetailsElement>(".talk-reasoning")) {
      details.open = this.#opensReasoning;
    }
  }

  #opensReasoning = false;

  /** While a person reads further up, nothing moves under their eyes. */
  #onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#body;
    this.#follows = scrollTop + clientHeight >= scrollHeight - 8;
  }

  /** Draws items into a list; those that are as before stay the same elements. */
  #reconcile(list: HTMLElement, items: readonly TalkItem[]): void {
    const before = this.#drawn.get(list) ??
      new Map<string, { version: string; element: HTMLElement }>();
    const after: typeof before = new Map();
    let at = list.firstElementChild;
    for (const item of items) {
      const version = this.#versionOf(item);
      const known = before.get(item.key);
      const element = known?.version === version
        ? known.element
        : this.#create(item, known?.element);
      after.set(item.key, { version, element });
      if (at === element) at = at.nextElementSibling;
      else list.insertBefore(element, at);
    }
    for (const [key, { element }] of before) {
      if (after.get(key)?.element !== element) element.remove();
    }
    this.#drawn.set(list, after);
  }

  #versionOf(item: TalkItem): string {
    const { selection, shown: { startedAt } } = this.#screen!;
    const row = item.kind === "said" ? item.turn : item.row;
    const revision = item.kind === "inside" ? item.revision : row?.revision ?? 0;
    const isInside = item.kind === "inside" ? selection : isSelected(item, selection);
    return `${revision} ${startedAt} ${isInside}`;
  }

  #create(item: TalkItem, before: HTMLElement | undefined): HTMLElement {
    const { startedAt } = this.#screen!.shown;
    const element = item.kind === "said"
      ? createSaid(item, startedAt, this.#opensReasoning, this.#open)
      : item.kind === "call"
      ? createCall(item, this.#open)
      : item.kind === "inside"
      ? this.#inside(item, before)
      : createNote(item.row);
    element.setAttribute("role", "listitem");
    toggle(element, "is-selected", isSelected(item, this.#screen!.selection));
    return element;
  }

  /** What is inside is drawn once it is opened. A box that a person has opened or shut stays so. */
  #inside(item: TalkInside, before: HTMLElement | undefined): HTMLElement {
    const { row, subject, size } = item;
    const box = (before?.firstElementChild ?? this.#createBox()) as HTMLDetailsElement;
    const [summary, list] = [...box.children] as [HTMLElement, HTMLElement];
    const [sign, state, name, words, facts] = [...summary.children] as [
      SVGSVGElement,
      ...HTMLElement[],
    ];
    setMark(sign, stateMark(row.state === "lost" ? "ended" : row.state));
    setText(state!, row.state);
    setText(name!, row.name || row.role);
    setText(words!, subject.slice(0, 200));
    const took = row.durationMs === null ? "" : ` · ${duration(row.durationMs)}`;
    setText(facts!, `${counted(size - 1, "span")}${took}`);
    if (before === undefined) box.open = row.state !== "done" || row.parent === null;
    const draw = () => box.open && this.#reconcile(list, item.items.slice(-PAGE));
    box.ontoggle = draw;
    draw();
    return before ?? el("div", { class: "talk-inside" }, box);
  }

  #createBox(): HTMLDetailsElement {
    return el(
      "details",
      {},
      el(
        "summary",
        {},
        mark("running"),
        el("span", { class: "aloud" }),
        el("b", {}),
        el("span", { class: "talk-input" }),
        el("span", { class: "talk-took" }),
      ),
      el("div", { class: "talk", attrs: { role: "list" } }),
    );
  }

  /** The arrows go from message to message, Enter opens. */
  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (by === undefined) return;
    const lines = [...this.#talk.querySelectorAll<HTMLElement>(".talk-head, .talk-line, summary")]
      .filter((line) => line.checkVisibility());
    const at = lines.findIndex((line) => line === document.activeElement);
    lines[at < 0 && by < 0 ? lines.length - 1 : Math.max(0, Math.min(lines.length - 1, at + by))]
      ?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

const SWITCHES = [["z", "reasoning"], ["t", "tools"], ["v", "system prompt"]] as const;
const PAGE = 300;
