/**
 * The scale above the timeline, and its rules behind the bars. A wait that is folded is a band through all lines.
 *
 * @module
 */
import type { TimeFolds } from "../../src/view/time_folds.ts";
import { el } from "../dom.ts";
import { duration, short } from "../format.ts";
import { stepOf, tickLabel, ticksOf, type TimeWindow } from "../model/time_scale.ts";

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

  /** Draws the part of a scale that is in sight; null draws none. */
  draw(scale: TimeFolds | null, window: TimeWindow): void {
    const most = Math.max(2, Math.floor(this.width / (this.width < 300 ? 56 : 88)));
    const key = scale === null ? "" : JSON.stringify([window, most, scale.folds]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const [labels, rules] = scale === null ? [[], []] : this.#parts(scale, window, most);
    this.element.replaceChildren(...labels);
    this.grid.replaceChildren(...rules);
  }

  #parts(scale: TimeFolds, window: TimeWindow, most: number): [HTMLElement[], HTMLElement[]] {
    const labels: HTMLElement[] = [];
    const rules: HTMLElement[] = [];
    const shown = window.to - window.from;
    const inSight = scale.folds.filter(({ at, room }) =>
      at + room >= window.from && at <= window.to
    );
    for (const { from, to, at, room } of inSight) {
      const width = `${room / shown * 100}%`;
      const attrs = { title: `folded: ${duration(to - from)}` };
      const label = placed(el("span", { class: "tl-wait", attrs }, short(to - from)), at, window);
      const band = placed(el("span", { class: "tl-fold" }), at, window);
      for (const part of [label, band]) {
        part.style.width = width;
      }
      labels.push(label);
      rules.push(band);
    }
    const stepMs = stepOf(window, most);
    // A label must not run into the next one, nor into that of a fold.
    const labelRoom = LABEL_PX / Math.max(1, this.width) * shown;
    let free = -Infinity;
    for (const tick of ticksOf(scale, window, stepMs)) {
      const place = scale.placeOf(tick);
      const isTaken = place < free ||
        inSight.some(({ at, room }) => place + labelRoom > at && place < at + room);
      if (isTaken) continue;
      free = place + labelRoom;
      labels.push(placed(el("span", { class: "tl-tick" }, tickLabel(tick, stepMs)), place, window));
      rules.push(placed(el("span", { class: "tl-rule" }), place, window));
    }
    return [labels, rules];
  }
}

/** Puts an element at a place of the scale. */
export function placed<E extends HTMLElement>(element: E, place: number, window: TimeWindow): E {
  element.style.left = `${(place - window.from) / (window.to - window.from) * 100}%`;
  return element;
}

/** What a label needs. */
const LABEL_PX = 44;
