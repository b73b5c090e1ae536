/**
 * The timeline of a run: one line a span, nested and to scale, the critical path in full colour.
 *
 * @module
 */
import { el, setText, show, toggle } from "../dom.ts";
import { count, counted, duration, offset } from "../format.ts";
import { clampWindow, type TimeWindow, zoom } from "../model/time_scale.ts";
import type { TimelineRow } from "../model/timeline_rows.ts";
import { Lazy } from "../lazy.ts";
import { FollowPill } from "./follow_pill.ts";
import { longestOf, readingOf } from "./row_words.ts";
import { followScreen } from "./screen_size.ts";
import { createSpanRow, fillSpanRow, type SpanRow } from "./span_row.ts";
import { TimeAxis } from "./time_axis.ts";
import { TimeSight } from "./time_sight.ts";
import type { TimelineScreen } from "./timeline_screen.ts";
import { VirtualList } from "./virtual_list.ts";

/** The upper pane. */
export class TimelineView {
  readonly element: HTMLElement;
  readonly list: VirtualList<SpanRow>;
  readonly #axis = new TimeAxis(() => this.#screen !== null && this.update(this.#screen));
  readonly #readout = el("p", { class: "tl-readout" });
  readonly #total = el("span", { class: "count" });
  readonly #cost = el("span", {});
  readonly #empty = el("p", { class: "pane-empty" });
  readonly #map = new Lazy(
    async () => {
      const { Minimap } = await import("./minimap.ts");
      const map = new Minimap((window) => this.#zoomTo(window));
      this.#mapSlot.append(map.element);
      return map;
    },
    () => this.#screen !== null && this.update(this.#screen),
  );
  readonly #mapSlot = el("div", { class: "tl-map", attrs: { "aria-hidden": "true" } });
  readonly #body: HTMLElement;
  readonly #pill: FollowPill;
  #screen: TimelineScreen | null = null;
  readonly #sight = new TimeSight();
  #hovered = -1;
  /** Where the time went, of the path that it was last asked of: with every frame it would be felt. */
  #longest: { of: TimelineScreen["critical"]; words: readonly string[] } = {
    of: new Set(),
    words: [],
  };
  readonly #onFold: (row: TimelineRow, isShut: boolean) => void;
  readonly #onZoom: (t: string | null) => void;

  /** `onZoom` is told what part of the time is in sight, as the address says it. */
  constructor(
    onOpen: (row: TimelineRow) => void,
    onFollow: () => void,
    onFold: (row: TimelineRow, isShut: boolean) => void,
    onZoom: (t: string | null) => void,
  ) {
    this.#onFold = onFold;
    this.#onZoom = onZoom;
    this.list = new VirtualList<SpanRow>({
      label: "Timeline: spans of the run",
      role: "tree",
      className: "tl-list",
      rowHeight: ROW_HEIGHT,
      create: createSpanRow,
      fill: (row, index) => {
        const screen = this.#screen!;
        const { key, width } = this.#axis;
        const scale = { folds: this.#sight.scale, window: this.#sight.window, key, width };
        const entry = screen.timeline.rows[index];
        if (entry !== undefined) fillSpanRow(row, entry, screen, scale);
      },
      onKey: (key, index) => this.#onKey(key, index),
      onActive: (index) => this.#read(index),
      onOpen: (index) => {
        const row = this.#screen?.timeline.rows[index];
        if (row !== undefined) onOpen(row);
      },
      onFollow: () => this.#pill.update(this.#screen?.isMoving ?? false),
    });
    followScreen((isSmall) => this.list.setRowHeight(isSmall ? TALL_ROW_HEIGHT : ROW_HEIGHT));
    this.#pill = new FollowPill(this.list, onFollow);
    this.#body = el(
      "div",
      { class: "tl-body" },
      this.#axis.grid,
      this.list.element,
      this.#empty,
      this.#pill.element,
    );
    this.element = el(
      "section",
      { class: "pane pane-timeline", attrs: { "aria-label": "Timeline" } },
      this.#mapSlot,
      el(
        "div",
        { class: "tl-head" },
        el("h2", { class: "aloud" }, "Timeline"),
        this.#total,
        this.#axis.element,
        el(
          "span",
          { class: "tl-columns", attrs: { "aria-hidden": "true" } },
          el("span", {}, "tokens"),
          this.#cost,
        ),
      ),
      this.#body,
      this.#readout,
    );
    this.list.element.addEventListener("click", (event) => this.#onClick(event), { capture: true });
    this.list.element.addEventListener("pointermove", (event) => this.#hover(event));
    this.list.element.addEventListener("pointerleave", () => this.#read(this.list.active));
    this.list.element.addEventListener("wheel", (event) => this.#onWheel(event), {
      passive: false,
    });
  }

  update(screen: TimelineScreen | null, emptyText = ""): void {
    this.#screen = screen;
    show(this.#empty, screen === null);
    show(this.list.element, screen !== null);
    if (screen === null) {
      setText(this.#empty, emptyText);
      setText(this.#total, "");
      setText(this.#readout, "");
      this.#axis.draw(null, this.#sight.window);
      this.list.update(0);
      this.#pill.update(false);
      return;
    }
    const { timeline, picture, isMoving } = screen;
    this.#sight.update(screen);
    toggle(this.element, "has-tokens", picture.summary.total_tokens > 0);
    setText(this.#cost, screen.prices === null ? "" : "cost");
    const { work: leftOut } = picture.leftOut;
    setText(
      this.#total,
      counted(timeline.rows.length - 1, "span") +
        (leftOut > 0 ? ` · ${count(leftOut)} older not drawn` : ""),
    );
    this.#axis.draw(this.#sight.scale, this.#sight.window);
    this.#map.get()?.update(screen, this.#sight.scale, this.#sight.moments && this.#sight.window);
    this.list.update(timeline.rows.length, isMoving ? timeline.newest : -1);
    this.list.select(screen.selected);
    this.#pill.update(isMoving);
    this.#read(this.#hovered >= 0 ? this.#hovered : this.list.active);
  }

  /** Nearer (below 1) or farther (above), around the active line or the middle; 0 shows all. */
  zoomBy(factor: number): void {
    const window = this.#sight.window;
    const row = this.#screen?.timeline.rows[this.list.active]?.row;
    const at = row
      ? this.#sight.scale.placeOf(row.startedAt - this.#screen!.startedAt)
      : (window.from + window.to) / 2;
    this.#zoomTo(factor === 0 ? null : zoom(window, factor, at, this.#sight.scale.reach));
  }

  /** Shows long waits to scale, or folds them again. */
  toggleWaits(): void {
    this.#sight.isUnfolded = !this.#sight.isUnfolded;
    if (this.#screen !== null) this.update(this.#screen);
  }

  /** Shows the part of the time that the address says; null is all of it. */
  showTime(t: string | null): void {
    if (this.#sight.show(t) && t !== null) this.list.follow(false);
  }

  /** Shuts the line that is active, or opens it. */
  toggleFold(): void {
    const entry = this.#screen?.timeline.rows[this.list.active];
    if (entry?.isBranch) this.#onFold(entry, entry.hidden === 0);
  }

  /** The arrows shut and open, and go to what a line stands in, or to what stands in it. */
  #onKey(key: string, index: number): boolean {
    const rows = this.#screen?.timeline.rows ?? [];
    const entry = rows[index];
    if (entry === undefined || (key !== "ArrowLeft" && key !== "ArrowRight")) return false;
    const isOpen = entry.isBranch && entry.hidden === 0;
    if (key === "ArrowRight") {
      if (entry.hidden > 0) this.#onFold(entry, false);
      else if (isOpen) this.list.activate(index + 1);
    } else if (isOpen) this.#onFold(entry, true);
    else {
      const outer = rows.findLastIndex(({ depth }, at) => at < index && depth < entry.depth);
      if (outer >= 0) this.list.activate(outer);
    }
    return true;
  }

  #onClick(event: Event): void {
    const target = event.target instanceof Element ? event.target : null;
    if (!target?.closest(".tl-fold-mark")) return;
    const row = target.closest<HTMLElement>(".vlist-row");
    const entry = this.#screen?.timeline.rows[Number(row?.dataset.index ?? -1)];
    if (entry === undefined) return;
    // It does not choose the line as well.
    event.stopPropagation();
    this.#onFold(entry, entry.hidden === 0);
  }

  /** The next failed line after the active one. */
  nextError(): number {
    const rows = this.#screen?.timeline.rows ?? [];
    for (let step = 1; step <= rows.length; step++) {
      const index = (Math.max(this.list.active, 0) + step) % rows.length;
      const { row } = rows[index]!;
      if (row?.kind === "span" && row.state === "failed") return index;
    }
    return -1;
  }

  #zoomTo(window: TimeWindow | null): void {
    this.#onZoom(this.#sight.zoomTo(window));
    // A person who looks at a moment stays there.
    if (window !== null) this.list.follow(false);
    if (this.#screen !== null) this.update(this.#screen);
  }

  #onWheel(event: WheelEvent): void {
    if (this.#screen === null) return;
    const window = this.#sight.window;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const share = this.#axis.shareAt(event.clientX);
      const at = window.from + share * (window.to - window.from);
      this.#zoomTo(zoom(window, Math.exp(event.deltaY / 300), at, this.#sight.scale.reach));
    } else if (this.#sight.moments !== null && (event.deltaX !== 0 || event.shiftKey)) {
      event.preventDefault();
      const width = window.to - window.from;
      const by = (event.deltaX || event.deltaY) / Math.max(1, this.#axis.width) * width;
      this.#zoomTo(clampWindow(window.from + by, width, this.#sight.scale.reach));
    }
  }

  #hover(event: PointerEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>(".vlist-row");
    const note = target?.closest<HTMLElement>(".tl-note");
    this.#read(Number(row?.dataset.index ?? -1));
    if (note) setText(this.#readout, note.title);
  }

  /** Says in words what a line is. */
  #read(index: number): void {
    this.#hovered = index === this.list.active ? -1 : index;
    const screen = this.#screen;
    if (screen === null) return;
    const entry = screen.timeline.rows[index];
    setText(
      this.#readout,
      entry === undefined ? this.#overview(screen) : readingOf(entry, screen),
    );
  }

  /** Where the time went, while no line is read. */
  #overview({ critical, waits, endsAt }: TimelineScreen): string {
    if (this.#sight.moments !== null) {
      return `${offset(this.#sight.moments.from)} to ${
        offset(this.#sight.moments.to)
      } s in sight · 0 shows all`;
    }
    const waited = waits.reduce((sum, { from, to }) => sum + to - from, 0);
    if (critical !== this.#longest.of) {
      this.#longest = { of: critical, words: longestOf(critical, endsAt) };
    }
    const { words: longest } = this.#longest;
    return [
      ...(longest.length === 0 ? [] : [`the time went to ${longest.join(" · ")}`]),
      ...(waits.length === 0 ? [] : [
        this.#sight.isUnfolded
          ? "z folds long waits"
          : `${duration(waited)} of waiting folded, z shows it`,
      ]),
    ].join(" · ");
  }
}

const ROW_HEIGHT = 24;
/** As high as a finger is wide. */
const TALL_ROW_HEIGHT = 32;
