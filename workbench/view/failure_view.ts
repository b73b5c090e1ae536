/**
 * Why a run failed, where, and the way to the event that caused it.
 *
 * @module
 */
import { placeNames, type RunFailure } from "../../src/view/run_failure.ts";
import { button, el, setText, show } from "../dom.ts";
import { mark } from "../marks.ts";

/** The bar at the top of a failed run. */
export class FailureView {
  readonly element: HTMLElement;
  readonly #error = el("p", { class: "failure-error" });
  readonly #place = el("p", { class: "failure-place" });
  readonly #open: HTMLButtonElement;
  #eventId: string | null = null;

  constructor(onOpen: (eventId: string) => void) {
    const open = () => this.#eventId !== null && onOpen(this.#eventId);
    this.#open = button(
      "Show the event that caused it",
      "show the event",
      open,
      "button button-text",
    );
    this.element = el(
      "section",
      { class: "failure", attrs: { "aria-label": "Why the run failed" } },
      mark("failed"),
      el("div", { class: "failure-words" }, this.#error, this.#place),
      this.#open,
    );
    this.element.hidden = true;
  }

  /** `canOpen` says whether the event is here: it may have left the history. */
  update(failure: RunFailure | null, canOpen: boolean): void {
    show(this.element, failure !== null);
    if (failure === null) return;
    const { error, row, eventId } = failure;
    this.#eventId = eventId;
    setText(this.#error, error ?? "The run failed, and no event says why.");
    show(this.#place, row !== null);
    setText(this.#place, row === null ? "" : `in ${placeNames(row).join(" › ")}`);
    show(this.#open, canOpen);
  }
}
