/**
 * A list of any length, of which only the rows in sight exist. All rows are equally high; above some of them there may
 * be a heading, which is theirs to draw.
 *
 * - **Keyboard:** arrows, page keys, Home and End move the active row; Enter and a click open it.
 * - **Screen readers** are told the size of the whole, the place of each row, and which one is active.
 * - **Following:** while a list follows, the newest row stays in sight. It stops when a person scrolls that out of
 *   sight, and follows again when they scroll back.
 *
 * @module
 */
import { el, setAttr, toggle } from "../dom.ts";
import { RowPlaces } from "./row_places.ts";

/** How a list looks and what it does. */
export interface VirtualListOptions<R extends HTMLElement> {
  /** What the list is, for screen readers. */
  label: string;
  /** A tree says the depth of its rows, see {@linkcode VirtualListOptions.fill}. @default {"listbox"} */
  role?: "listbox" | "tree";
  rowHeight: number;
  className: string;
  /** Makes an empty row. */
  create(): R;
  /** Puts what stands at `index` into a row. Called for rows in sight only. */
  fill(row: R, index: number): void;
  /** The active row is another one, or none (-1). */
  onActive?(index: number): void;
  /** A row was opened. */
  onOpen?(index: number): void;
  /** A key was pressed on a row (-1 if none is active); returns whether it means something there. */
  onKey?(key: string, index: number): boolean;
  /** The list follows now, or does not any more. */
  onFollow?(): void;
}

/** The list. Put `element` into the page. */
export class VirtualList<R extends HTMLElement = HTMLElement> {
  readonly element: HTMLElement;
  readonly #options: VirtualListOptions<R>;
  readonly #places: RowPlaces;
  readonly #space: HTMLElement;
  readonly #id: string;
  /** Row number i shows the index that is i modulo the length. */
  #pool: PoolRow<R>[] = [];
  #active = -1;
  #selected = -1;
  #height = 0;
  #version = 0;
  /** The row that is kept in sight while the list follows; -1 for none. */
  #newest = -1;
  #isFollowing = false;
  #countWhenLeft = 0;
  #isPending = false;
  /** Where the list stands, or will when what is to be done in this frame is done. */
  #lastTop = 0;
  #mustScroll = false;

  constructor(options: VirtualListOptions<R>) {
    this.#options = options;
    this.#places = new RowPlaces(options.rowHeight);
    this.#id = `list${++lists}`;
    this.#space = el("div", { class: "vlist-space", attrs: { role: "presentation" } });
    this.element = el("div", {
      class: `vlist ${options.className}`,
      attrs: { role: options.role ?? "listbox", "aria-label": options.label, tabindex: "0" },
    }, this.#space);
    this.element.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#space.addEventListener("click", (event) => this.#onClick(event));
    new ResizeObserver(([entry]) => this.#onResize(entry?.contentRect.height ?? 0))
      .observe(this.element);
  }

  /** The row that the arrow keys stand on; -1 if none. */
  get active(): number {
    return this.#active;
  }

  /** Whether the newest row stays in sight. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Whether the newest row is in sight, whether the list follows or not. */
  get showsNewest(): boolean {
    return this.#newest < 0 || this.#isInSight(this.#newest);
  }

  /** How many rows have come since the list stopped following. */
  get newer(): number {
    return this.#isFollowing ? 0 : Math.max(0, this.#places.count - this.#countWhenLeft);
  }

  /** Keeps the newest row in sight from now on, or stays where it is. */
  follow(isFollowing: boolean): void {
    if (isFollowing !== this.#isFollowing) {
      this.#isFollowing = isFollowing;
      this.#countWhenLeft = this.#places.count;
      this.#options.onFollow?.();
    }
    this.#toNewest();
  }

  /**
   * Shows this many rows, and refills those in sight.
   *
   * @param newest The row to follow; -1 if nothing moves anymore.
   * @param heads The rows that have a heading.
   */
  update(count: number, newest: number = count - 1, heads: readonly number[] = NO_HEADS): void {
    const places = this.#places;
    if (count !== places.count || String(heads) !== String(places.heads)) {
      places.count = count;
      places.heads = heads;
      this.#space.style.height = `${places.height}px`;
      if (this.#active >= count) this.#active = -1;
      // The browser does the same, and tells later.
      this.#lastTop = Math.min(this.#lastTop, this.#lowest);
    }
    if (newest !== this.#newest) {
      this.#newest = newest;
      this.#toNewest();
    }
    this.#version++;
    this.#schedule();
  }

  /** All rows are so high from now on; what stood at the top still does. */
  setRowHeight(height: number): void {
    const places = this.#places;
    if (height === places.rowHeight) return;
    this.#lastTop = this.#lastTop / places.rowHeight * height;
    places.rowHeight = height;
    this.#space.style.height = `${places.height}px`;
    // Rows of another height are created again.
    for (const { element } of this.#pool.splice(0)) element.remove();
    this.#scrollTo(this.#lastTop);
    this.#toNewest();
    this.#schedule();
  }

  /** Marks the row that is open elsewhere; -1 for none. */
  select(index: number): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.#version++;
    this.#schedule();
  }

  /** Moves the active row and brings it into sight. */
  activate(index: number, options: { silent?: boolean } = {}): void {
    const next = Math.max(-1, Math.min(index, this.#places.count - 1));
    const hasMoved = next !== this.#active;
    this.#active = next;
    // What a person reads stays where it is.
    if (next !== this.#newest && !options.silent) this.follow(false);
    if (next >= 0) this.reveal(next);
    this.#version++;
    this.#schedule();
    if (hasMoved && !options.silent) this.#options.onActive?.(next);
  }

  /** Scrolls as little as it takes to see a row. */
  reveal(index: number): void {
    const { rowHeight } = this.#places;
    // Its heading as well.
    const top = this.#places.topOf(index - 1) + rowHeight;
    const bottom = this.#places.topOf(index) + rowHeight;
    if (top < this.#lastTop) this.#scrollTo(top);
    else if (bottom > this.#lastTop + this.#height) this.#scrollTo(bottom - this.#height);
    this.#schedule();
  }

  /** How far the list can be scrolled. */
  get #lowest(): number {
    return Math.max(0, this.#places.height - this.#height);
  }

  #onResize(height: number): void {
    const wasHidden = this.#height === 0;
    this.#height = height;
    if (wasHidden && height > 0) {
      // A list that was out of sight has lost its place, and could not show what it was asked to.
      this.#scrollTo(this.#lastTop);
      if (!this.#isFollowing && this.#active >= 0) this.reveal(this.#active);
    }
    this.#lastTop = Math.min(this.#lastTop, this.#lowest);
    this.#toNewest();
    this.#schedule();
  }

  #scrollTo(top: number): void {
    if (this.#height === 0) return;
    this.#lastTop = Math.max(0, Math.min(top, this.#lowest));
    this.#mustScroll = true;
    this.#schedule();
  }

  /** Each of them has the page laid out: so all lists are filled before the first of them scrolls. */
  #scroll(): void {
    this.#mustScroll = false;
    this.element.scrollTop = this.#lastTop;
    // The browser has the last word, and says so later as well: that is not a person who scrolls.
    const { scrollTop: top, clientHeight } = this.element;
    // It was put out of sight meanwhile.
    if (clientHeight === 0) return;
    if (Math.abs(top - this.#lastTop) > 1) this.#schedule();
    this.#lastTop = top;
  }

  #toNewest(): void {
    // A list that is not in sight has no height, and would follow to nowhere.
    if (this.#isFollowing && this.#newest >= 0 && this.#height > 0) this.reveal(this.#newest);
  }

  #onScroll(): void {
    const { scrollTop, clientHeight } = this.element;
    // The browser scrolls as well, when it shows a list again or gives it another size: #onResize() is about that.
    const isByHand = Math.abs(clientHeight - this.#height) <= 1;
    if (isByHand && Math.abs(scrollTop - this.#lastTop) > 1) {
      this.#lastTop = scrollTop;
      if (this.#newest >= 0) this.follow(this.#isInSight(this.#newest));
    }
    this.#schedule();
  }

  #isInSight(index: number): boolean {
    // Half a row may be out of sight at either edge.
    const middle = this.#places.topOf(index) + this.#places.rowHeight / 2;
    return middle > this.#lastTop && middle < this.#lastTop + this.#height;
  }

  #schedule(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    // After whatever else is done in this frame, and still in it.
    queueMicrotask(() => {
      this.#isPending = false;
      this.#render();
    });
  }

  #render(): void {
    const first = Math.max(0, this.#places.indexAt(this.#lastTop) - OVERSCAN);
    const { count, rowHeight } = this.#places;
    const size = Math.min(count, Math.ceil(this.#height / rowHeight) + 2 * OVERSCAN);
    this.#resize(size);
    const end = Math.min(count, first + size);
    for (const row of this.#pool) {
      if (row.index < first || row.index >= end) {
        row.index = -1;
        row.element.hidden = true;
      }
    }
    for (let index = first; index < end; index++) this.#fill(this.#pool[index % size]!, index);
    const isRendered = this.#active >= first && this.#active < end;
    setAttr(this.element, "aria-activedescendant", isRendered ? this.#rowId(this.#active) : null);
    if (this.#mustScroll) queueMicrotask(() => this.#scroll());
  }

  #fill(row: PoolRow<R>, index: number): void {
    if (row.index === index && row.version === this.#version) return;
    const { element } = row;
    const top = this.#places.topOf(index);
    if (row.index !== index || row.top !== top) {
      row.index = index;
      row.top = top;
      element.style.transform = `translateY(${top}px)`;
      element.id = this.#rowId(index);
      element.dataset.index = String(index);
      setAttr(element, "aria-posinset", String(index + 1));
    }
    row.version = this.#version;
    element.hidden = false;
    setAttr(element, "aria-setsize", String(this.#places.count));
    setAttr(element, "aria-selected", String(index === this.#selected));
    toggle(element, "is-active", index === this.#active);
    toggle(element, "is-selected", index === this.#selected);
    this.#options.fill(element, index);
  }

  #resize(size: number): void {
    if (this.#pool.length === size) return;
    const { create, role } = this.#options;
    while (this.#pool.length < size) {
      const element = create();
      element.classList.add("vlist-row");
      element.style.height = `${this.#places.rowHeight}px`;
      element.setAttribute("role", role === "tree" ? "treeitem" : "option");
      this.#space.append(element);
      this.#pool.push({ element, index: -1, top: -1, version: -1 });
    }
    for (const { element } of this.#pool.splice(size)) element.remove();
    // Another length gives every index another place.
    for (const row of this.#pool) {
      row.index = -1;
      row.element.hidden = true;
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.#height / this.#places.rowHeight) - 1);
    const from = this.#active >= 0 ? this.#active : this.#selected;
    const moves: Record<string, number> = {
      ArrowDown: from + 1,
      j: from + 1,
      ArrowUp: from < 0 ? this.#places.count - 1 : Math.max(0, from - 1),
      k: from < 0 ? this.#places.count - 1 : Math.max(0, from - 1),
      PageDown: from + page,
      PageUp: Math.max(0, from - page),
      Home: 0,
      End: this.#places.count - 1,
    };
    if (this.#options.onKey?.(event.key, this.#active)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (Object.hasOwn(moves, event.key)) this.activate(moves[event.key]!);
    else if (event.key === "Enter" && this.#active >= 0) this.#options.onOpen?.(this.#active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #onClick(event: Event): void {
    const row = event.target instanceof Element ? event.target.closest<R>(".vlist-row") : null;
    const index = Number(row?.dataset.index ?? -1);
    if (index < 0 || index >= this.#places.count) return;
    this.activate(index);
    this.#options.onOpen?.(index);
  }

  #rowId(index: number): string {
    return `${this.#id}-${index}`;
  }
}

interface PoolRow<R> {
  element: R;
  index: number;
  top: number;
  version: number;
}

/** Rows beyond the edges, so that scrolling by keys never shows an empty one. */
const OVERSCAN = 6;
const NO_HEADS: readonly number[] = [];

let lists = 0;
