/**
 * The views of a run, by tab and by key: above the view on a large screen; on a narrow or a low one, which shows one
 * pane at a time, in a row with the other panes.
 *
 * @module
 */
import { el, setAttr } from "../dom.ts";
import { type View, VIEWS } from "../route.ts";
import { ONE_PANE } from "./screen_size.ts";

/** A part of the page that a narrow screen shows by itself. */
export type Pane = "runs" | View | "detail";

/** The tabs. */
export class PaneTabs {
  /** All panes. */
  readonly element: HTMLElement;
  /** The views alone. */
  readonly views: HTMLElement;
  chosen: Pane = "runs";
  view: View = "timeline";
  readonly #narrow = matchMedia(ONE_PANE);
  readonly #buttons: readonly (readonly [Pane, HTMLButtonElement])[];
  readonly #onView: (view: View) => void;
  #app: HTMLElement | null = null;
  #before: Pane = "events";

  /** `onView` is told when another view is chosen. */
  constructor(onView: (view: View) => void) {
    this.#onView = onView;
    const tab = (pane: Pane, ...content: (Node | string)[]) =>
      el("button", {
        class: "tab",
        attrs: { type: "button" },
        on: { click: () => this.choose(pane) },
      }, ...content);
    const narrow = (["runs", ...VIEWS, "detail"] as const)
      .map((pane) => [pane, tab(pane, pane === "conversation" ? "Chat" : TITLES[pane])] as const);
    const wide = VIEWS.map((view, index) => {
      const key = el("kbd", { attrs: { "aria-hidden": "true" } }, String(index + 2));
      return [view, tab(view, TITLES[view], key)] as const;
    });
    const nav = (
      className: string,
      label: string,
      tabs: readonly (readonly [Pane, HTMLElement])[],
    ) =>
      el(
        "nav",
        { class: className, attrs: { "aria-label": label } },
        ...tabs.map(([, tab]) => tab),
      );
    this.element = nav("tabs", "Panes", narrow);
    this.views = nav("view-tabs", "Views", wide);
    this.#buttons = [...narrow, ...wide];
  }

  /** Whether the screen has room for one pane only. */
  get isNarrow(): boolean {
    return this.#narrow.matches;
  }

  /** The element whose `data-pane` and `data-view` say what is shown. */
  attach(app: HTMLElement): void {
    this.#app = app;
    this.choose(this.chosen);
  }

  /** Shows a pane. */
  choose(pane: Pane): void {
    if (pane === "detail" && this.chosen !== "detail") this.#before = this.chosen;
    this.chosen = pane;
    const view = VIEWS.find((view) => view === pane);
    if (view !== undefined && view !== this.view) {
      this.view = view;
      this.#onView(view);
    }
    if (this.#app !== null) {
      this.#app.dataset.pane = pane;
      this.#app.dataset.view = this.view;
    }
    for (const [name, tab] of this.#buttons) {
      const isShown = name === pane || (name === this.view && tab.parentElement === this.views);
      setAttr(tab, "aria-current", isShown ? "true" : null);
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
  graph: "Graph",
  conversation: "Conversation",
  events: "Events",
  detail: "Detail",
};
