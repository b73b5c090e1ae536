/**
 * One line under the header for what a person has to know now: a lost connection, a run that was forgotten.
 *
 * @module
 */
import { button, el, setText, show } from "../dom.ts";
import { mark, type MarkName, setMark } from "../marks.ts";

/** What is to be said. */
export interface Notice {
  readonly mark: MarkName;
  readonly text: string;
  readonly tone: "notice" | "failed" | "good";
  /** Whether trying again at once makes sense. */
  readonly canRetry?: boolean;
}

/** The line; hidden while there is nothing to say. */
export class NoticeView {
  readonly element: HTMLElement;
  readonly #mark = mark("notice");
  readonly #text = el("span", { class: "notice-text" });
  readonly #retry: HTMLButtonElement;

  constructor(onRetry: () => void) {
    this.#retry = button("Try now", "try now", onRetry, "button button-text");
    this.element = el(
      "div",
      { class: "notice", attrs: { role: "status" } },
      this.#mark,
      this.#text,
      this.#retry,
    );
    this.element.hidden = true;
  }

  update(notice: Notice | null): void {
    show(this.element, notice !== null);
    if (notice === null) return;
    setMark(this.#mark, notice.mark);
    setText(this.#text, notice.text);
    this.element.dataset.tone = notice.tone;
    show(this.#retry, notice.canRetry === true);
  }
}
