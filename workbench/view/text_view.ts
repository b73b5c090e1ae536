/**
 * What the model is writing, as it writes.
 *
 * @module
 */
import type { PictureTurn } from "../../src/view/picture_rows.ts";
import { el, setText, show, toggle } from "../dom.ts";

/** The strip under the timeline. */
export class TextView {
  readonly element: HTMLElement;
  readonly #label = el("span", { class: "text-label" });
  #drawn = "";
  #isAtEnd = true;
  readonly #text = el("p", {
    class: "text-body",
    attrs: {
      tabindex: "0",
      role: "log",
      "aria-live": "off",
      "aria-label": "Text of the model",
    },
  });

  constructor() {
    this.element = el("div", { class: "text-strip" }, this.#label, this.#text);
    this.#text.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#text;
      this.#isAtEnd = scrollTop + clientHeight >= scrollHeight - 8;
    }, { passive: true });
  }

  /** @param isOver Whether nothing will follow, also where a turn has no end. */
  update(turn: PictureTurn | null, isOver: boolean): void {
    const text = turn?.text.trim() ?? "";
    show(this.element, text !== "");
    if (turn === null || text === "") return;
    const isWriting = turn.state === "running" && !isOver;
    const notes = [
      isWriting ? "writing" : turn.state === "done" ? "" : "its end was not seen",
      turn.textIsPreview ? "a preview" : "",
      turn.textHasGap ? "pieces may be missing" : "",
      turn.textLeftOut > 0 ? "the end of it" : "",
    ].filter((note) => note !== "");
    setText(
      this.#label,
      `turn ${turn.iteration}${notes.length > 0 ? ` · ${notes.join(" · ")}` : ""}`,
    );
    toggle(this.element, "is-writing", isWriting);
    if (text === this.#drawn) return;
    this.#drawn = text;
    setText(this.#text, text);
    // Scrolling has the page laid out: that is done when the lists are filled as well, which is a turn later.
    if (!this.#isAtEnd) return;
    queueMicrotask(() => queueMicrotask(() => this.#text.scrollTop = MAX_HEIGHT));
  }
}

/** More than any text is high. */
const MAX_HEIGHT = 1e7;
