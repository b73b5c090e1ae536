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
    const { scrollTop, scrollHeight, clientHeight } = this.#text;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 8;
    setText(this.#text, text);
    if (isAtEnd) this.#text.scrollTop = this.#text.scrollHeight;
  }
}
