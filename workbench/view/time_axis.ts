/**
 * The scale above the timeline, and its rules behind the bars.
 *
 * @module
 */
import { el } from "../dom.ts";
import { tickLabel, ticksOf, type TimeWindow } from "../model/time_scale.ts";

/** The scale. `onResize` is called when there is more or less room for it. */
export class TimeAxis {
  readonly element = el("div", { class: "tl-axis", attrs: { "aria-hidden": "true" } });
  readonly grid = el("div", { class: "tl-grid", attrs: { "aria-hidden": "true" } });
  width = 0;
  #drawn = "";

  constructor(onResize: () => void) {
    new ResizeObserver(() => {
      this.width = this.element.clientWidth;
      onResize();
    }).observe(this.element);
  }

  /** What is drawn now: the same text means the same scale. */
  get key(): string {
    return this.#drawn;
  }

  /** Where a pointer is, as a share of the width. */
  shareAt(clientX: number): number {
    const { left } = this.element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left) / Math.max(1, this.width)));
  }

  /** Draws the scale of a window; null draws none. */
  draw(window: TimeWindow | null): void {
    const most = Math.max(2, Math.floor(this.width / (this.width < 300 ? 56 : 88)));
    const key = window === null ? "" : `${window.from} ${window.to} ${most}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const ticks = window === null ? [] : ticksOf(window, most);
    const stepMs = (ticks[1] ?? 0) - (ticks[0] ?? 0);
    this.element.replaceChildren(
      ...ticks.map((at) =>
        placed(el("span", { class: "tl-tick" }, tickLabel(at, stepMs)), at, window!)
      ),
    );
    this.grid.replaceChildren(
      ...ticks.map((at) => placed(el("span", { class: "tl-rule" }), at, window!)),
    );
  }
}

/** Puts an element where a moment is. */
export function placed<E extends HTMLElement>(element: E, at: number, window: TimeWindow): E {
  element.style.left = `${(at - window.from) / (window.to - window.from) * 100}%`;
  return element;
}
