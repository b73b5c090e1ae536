/**
 * The button that brings the newest back into sight, where a list of a run that goes on does not follow it.
 *
 * @module
 */
import { el, setText, show } from "../dom.ts";
import { count } from "../format.ts";
import { mark } from "../marks.ts";
import type { VirtualList } from "./virtual_list.ts";

/** The button. It lies over the lower right corner of its list. */
export class FollowPill {
  readonly element: HTMLButtonElement;
  readonly #text = el("span", {});
  readonly #list: VirtualList;

  constructor(list: VirtualList, onFollow: () => void) {
    this.#list = list;
    this.element = el(
      "button",
      { class: "pill", attrs: { type: "button" }, on: { click: onFollow } },
      mark("toEnd"),
      this.#text,
      el("kbd", { attrs: { "aria-hidden": "true" } }, "l"),
    );
    this.element.hidden = true;
  }

  /** @param isMoving Whether more is to come. */
  update(isMoving: boolean): void {
    const { isFollowing, newer, showsNewest } = this.#list;
    show(this.element, isMoving && !isFollowing && (newer > 0 || !showsNewest));
    setText(this.#text, newer > 0 ? `${count(newer)} newer · follow` : "follow");
  }
}
