/**
 * A view of a run that is loaded when it is first opened.
 *
 * @module
 */
import { el, setText, show } from "../dom.ts";
import { Lazy } from "../lazy.ts";
import type { Shown } from "../model/shown_run.ts";

/** What a view can ask for. */
export interface ViewActions {
  /** Opens what an event began, ended or said; `isSpan` if a line of the picture is meant. */
  open(eventId: string, isSpan: boolean): void;
  redraw(): void;
}

/** What a view is drawn from. */
export interface ViewScreen {
  readonly shown: Shown;
  /** The event that stands for what is selected; null if nothing is. */
  readonly selection: string | null;
}

/** A view. */
export interface RunView {
  readonly element: HTMLElement;
  /** Where the keyboard begins. */
  readonly focusable: HTMLElement;
  update(screen: ViewScreen): void;
  /** @returns Whether the key means something here. */
  press(key: string): boolean;
  /** Brings what is selected into sight, with the next update. */
  reveal(): void;
}

/** The pane of the view. */
export class LazyPane {
  readonly element: HTMLElement;
  readonly #part: Lazy<RunView>;
  readonly #empty = el("p", { class: "pane-empty", attrs: { role: "status" } });
  #mustFocus = false;

  constructor(title: string, load: () => Promise<RunView>, redraw: () => void) {
    this.#part = new Lazy(load, redraw);
    this.element = el("section", {
      class: `pane pane-${title.toLowerCase()}`,
      attrs: { "aria-label": title },
    }, this.#empty);
  }

  /** @param screen Null while there is nothing to show, which `emptyText` says. */
  update(screen: ViewScreen | null, emptyText: string): void {
    const view = this.#part.get();
    show(this.#empty, view === null || screen === null);
    setText(this.#empty, screen === null ? emptyText : this.#part.problem || "Opening…");
    if (view === null) return;
    show(view.element, screen !== null);
    if (view.element.parentElement === null) this.element.append(view.element);
    if (screen === null) return;
    view.update(screen);
    if (this.#mustFocus) this.focus();
  }

  /** What is selected has to be in sight. */
  reveal(): void {
    this.#part.value?.reveal();
  }

  /** @returns Whether the key means something to the view. */
  press(key: string): boolean {
    return this.#part.value?.press(key) ?? false;
  }

  /** Moves the keyboard into it, as soon as it is there. */
  focus(): void {
    this.#mustFocus = this.#part.value?.element.parentElement == null;
    this.#part.value?.focusable.focus();
  }
}
