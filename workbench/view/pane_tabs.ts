/**
 * The tabs by which a narrow or a low screen chooses its one pane. A larger one shows all of them, and no tabs.
 *
 * @module
 */
import { el, setAttr } from "../dom.ts";
import { ONE_PANE } from "./screen_size.ts";

/** A part of the page that a narrow screen shows by itself. */
export type Pane = "runs" | "timeline" | "events" | "detail";

/** The row of tabs. */
export class PaneTabs {
  readonly element: HTMLElement;
  chosen: Pane = "runs";
  readonly #narrow = matchMedia(ONE_PANE);
  readonly #buttons: ReadonlyMap<Pane, HTMLButtonElement>;
  #app: HTMLElement | null = null;
  #before: Pane = "events";

  constructor() {
    const panes = ["runs", "timeline", "events", "detail"] as const;
    this.#buttons = new Map(panes.map((pane) => [
      pane,
      el("button", {
        class: "tab",
        attrs: { type: "button" },
        on: { click: () => this.choose(pane) },
      }, TITLES[pane]),
    ]));
    this.element = el(
      "nav",
      { class: "tabs", attrs: { "aria-label": "Panes" } },
      ...this.#buttons.values(),
    );
  }

  /** Whether the screen has room for one pane only. */
  get isNarrow(): boolean {
    return this.#narrow.matches;
  }

  /** The element whose `data-pane` says which pane a narrow screen shows. */
  attach(app: HTMLElement): void {
    this.#app = app;
    this.choose(this.chosen);
  }

  /** Shows a pane. */
  choose(pane: Pane): void {
    if (pane === "detail" && this.chosen !== "detail") this.#before = this.chosen;
    this.chosen = pane;
    if (this.#app !== null) this.#app.dataset.pane = pane;
    for (const [name, tab] of this.#buttons) {
      setAttr(tab, "aria-current", name === pane ? "true" : null);
    }
  }

  /** Shows a pane where only one can be seen. */
  open(pane: Pane): void {
    if (this.isNarrow) this.choose(pane);
  }

  /** Shows the pane from which the detail was opened. */
  back(): void {
    this.choose(this.#before);
  }
}

const TITLES: Record<Pane, string> = {
  runs: "Runs",
  timeline: "Timeline",
  events: "Events",
  detail: "Detail",
};
