/**
 * The whole run in a strip above the timeline: what worked, packed into as few lanes as ran at once. A drag over it
 * chooses the part of the time that the timeline shows, a click moves that part. While all is in sight, each moment
 * stands above itself in the timeline, whose scale is that of both.
 *
 * It repeats what the timeline says, so screen readers are not told of it; the keyboard has `+`, `-` and `0`.
 *
 * @module
 */
import type { TimeFolds } from "../../src/view/time_folds.ts";
import { addRules, el, show } from "../dom.ts";
import { clampWindow, stepOf, tickLabel, ticksOf, type TimeWindow } from "../model/time_scale.ts";
import { packLanes } from "../model/lanes.ts";
import { isCritical } from "./row_words.ts";
import type { TimelineScreen } from "./timeline_screen.ts";

/** The strip. `onWindow` is told which part of the scale a person has chosen; null is all of it. */
export class Minimap {
  readonly element = el("div", { class: "map" });
  readonly #canvas = el("canvas", { class: "map-canvas" });
  readonly #frame = el("div", { class: "map-window" });
  readonly #onWindow: (window: TimeWindow | null) => void;
  #screen: TimelineScreen | null = null;
  #scale: TimeFolds | null = null;
  #window: TimeWindow | null = null;
  #drawn: readonly unknown[] = [];
  #drawnAt = -Infinity;
  /** Where the drag began, as a place of the scale; null while there is none. */
  #from: number | null = null;

  constructor(onWindow: (window: TimeWindow | null) => void) {
    addRules(RULES);
    this.#onWindow = onWindow;
    this.element.append(this.#canvas, this.#frame);
    const redraw = () => this.#draw(true);
    new ResizeObserver(redraw).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    this.element.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.element.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const type of ["pointerup", "pointercancel"] as const) {
      this.element.addEventListener(type, (event) => this.#onUp(event));
    }
    this.element.addEventListener("dblclick", () => onWindow(null));
  }

  /** @param window The part that is in sight below; null is all of it. */
  update(screen: TimelineScreen, scale: TimeFolds, window: TimeWindow | null): void {
    this.#screen = screen;
    this.#scale = scale;
    this.#window = window;
    this.#draw(false);
    show(this.#frame, window !== null);
    if (window === null) return;
    this.#frame.style.left = `${window.from / scale.reach * 100}%`;
    this.#frame.style.width = `${(window.to - window.from) / scale.reach * 100}%`;
  }

  #draw(isForced: boolean): void {
    const [screen, scale] = [this.#screen, this.#scale];
    if (screen === null || scale === null) return;
    const { timeline, critical, isMoving } = screen;
    // While a run goes on, something changes with every frame, and a strip as low as this shows little of it.
    if (!isForced && isMoving && performance.now() - this.#drawnAt < PAUSE_MS) return;
    const isWhole = this.#window === null;
    const { length: folds } = scale.folds;
    const key = [timeline, critical, scale.reach, folds, isWhole, isMoving && screen.endsAt];
    if (!isForced && key.every((part, index) => part === this.#drawn[index])) return;
    this.#drawn = key;
    this.#drawnAt = performance.now();
    const { clientWidth: width, clientHeight: height } = this.element;
    const context = this.#canvas.getContext("2d");
    if (context === null || width === 0) return;
    const density = devicePixelRatio;
    this.#canvas.width = width * density;
    this.#canvas.height = height * density;
    context.scale(density, density);
    this.#paint(context, screen, scale, width, height);
  }

  #paint(
    context: CanvasRenderingContext2D,
    screen: TimelineScreen,
    scale: TimeFolds,
    width: number,
    height: number,
  ): void {
    const { timeline, critical, startedAt, endsAt } = screen;
    const style = getComputedStyle(this.element);
    const color = (name: string) => style.getPropertyValue(name);
    const x = (at: number) => scale.placeOf(at - startedAt) / scale.reach * width;
    // What holds others is drawn by them, unless it is shut.
    const work = timeline.rows.flatMap((entry) =>
      entry.row === null || (entry.row.kind !== "turn" && entry.isBranch && entry.hidden === 0)
        ? []
        : [{
          from: entry.row.startedAt,
          to: entry.row.endedAt ?? endsAt,
          color: COLORS[entry.row.state] ??
            (isCritical(entry, critical) ? "--bar-critical" : "--bar"),
        }]
    );
    const { lanes, count } = packLanes(work, MAX_LANES);
    const isWhole = this.#window === null;
    const room = height - (isWhole ? 0 : LABELS_PX) - 4;
    const step = Math.min(8, room / Math.max(1, count));
    const top = 3 + (room - step * count) / 2;
    const byColor = Map.groupBy(
      work.map((bar, index) => ({ ...bar, lane: lanes[index]! })),
      (it) => it.color,
    );
    for (const [name, bars] of byColor) {
      context.fillStyle = color(name);
      for (const { from, to, lane } of bars) {
        const left = x(from);
        context.fillRect(
          left,
          top + lane * step,
          Math.max(1, x(to) - left - 0.5),
          Math.max(1, step - 1),
        );
      }
    }
    context.fillStyle = color("--note");
    for (const { eventType, at } of timeline.notes) {
      if (eventType === "bus.gap" && at !== null) {
        context.fillRect(x(at) - 1, 2, 2, room + 2);
      }
    }
    // The scale below is that of all.
    if (isWhole) return;
    context.fillStyle = color("--quiet");
    context.font = `10px ${color("--sans")}`;
    const whole = { from: 0, to: scale.reach };
    const stepMs = stepOf(whole, Math.max(2, Math.floor(width / 120)));
    for (const tick of ticksOf(scale, whole, stepMs)) {
      const at = scale.placeOf(tick) / scale.reach * width;
      if (tick > 0 && at < width - 40) {
        context.fillText(tickLabel(tick, stepMs), at + 4, height - 3);
      }
    }
  }

  #placeAt({ clientX }: PointerEvent): number {
    const { left, width } = this.element.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (clientX - left) / Math.max(1, width)));
    return share * (this.#scale?.reach ?? 0);
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0 || this.#scale === null) return;
    this.element.setPointerCapture(event.pointerId);
    this.#from = this.#placeAt(event);
  }

  #onMove(event: PointerEvent): void {
    if (this.#from === null || this.#scale === null) return;
    const to = this.#placeAt(event);
    const [start, end] = [Math.min(this.#from, to), Math.max(this.#from, to)];
    if (end - start >= this.#scale.reach * LEAST_SHARE) this.#onWindow({ from: start, to: end });
  }

  #onUp(event: PointerEvent): void {
    const from = this.#from;
    this.#from = null;
    if (from === null || this.#scale === null || event.type === "pointercancel") return;
    const isClick = Math.abs(this.#placeAt(event) - from) < this.#scale.reach * LEAST_SHARE;
    if (!isClick || this.#window === null) return;
    const width = this.#window.to - this.#window.from;
    this.#onWindow(clampWindow(from - width / 2, width, this.#scale.reach));
  }
}

const COLORS: Readonly<Record<string, string>> = {
  failed: "--bad",
  waiting: "--wait",
  running: "--accent",
};
const RULES = `
.map { position: relative; height: 100%; cursor: crosshair; touch-action: none; }
.map-canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.map-window {
  position: absolute; top: 0; bottom: 0; min-width: 4px; pointer-events: none;
  border: solid var(--accent); border-width: 0 2px;
  background: color-mix(in srgb, var(--accent) 12%, transparent);
}`;
const PAUSE_MS = 500;
const MAX_LANES = 12;
/** What the labels of the scale need below the lanes. */
const LABELS_PX = 12;
/** A shorter drag is a click. */
const LEAST_SHARE = 0.005;
