/**
 * A list of any length, of which only the rows in sight exist. All rows are equally high.
 *
 * - **Keyboard:** arrows, page keys, Home and End move the active row; Enter and a click open it.
 * - **Screen readers** are told the size of the whole, the place of each row, and which one is active.
 * - **Following:** while the end is in sight, and the list follows, it stays in sight.
 *
 * @module
 */
import { el, setAttr, toggle } from "../dom.ts";

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
}

/** The list. Put `element` into the page. */
export class VirtualList<R extends HTMLElement = HTMLElement> {
  readonly element: HTMLElement;
  readonly #options: VirtualListOptions<R>;
  readonly #space: HTMLElement;
  readonly #id: string;
  /** Row number i shows the index that is i modulo the length. */
  #pool: PoolRow<R>[] = [];
  #count = 0;
  #active = -1;
  #selected = -1;
  #height = 0;
  #version = 0;
  #isFollowing = false;
  #isPending = false;
  #lastTop = 0;

  constructor(options: VirtualListOptions<R>) {
    this.#options = options;
    this.#id = `list${++lists}`;
    this.#space = el("div", { class: "vlist-space", attrs: { role: "presentation" } });
    this.element = el("div", {
      class: `vlist ${options.className}`,
      attrs: { role: options.role ?? "listbox", "aria-label": options.label, tabindex: "0" },
    }, this.#space);
    this.element.addEventListener("scroll", () => this.#schedule(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#space.addEventListener("click", (event) => this.#onClick(event));
    new ResizeObserver(([entry]) => {
      const isAtEnd = this.isAtEnd;
      this.#height = entry?.contentRect.height ?? 0;
      if (this.#isFollowing && isAtEnd) this.#toEnd();
      this.#schedule();
    }).observe(this.element);
  }

  /** The row that the arrow keys stand on; -1 if none. */
  get active(): number {
    return this.#active;
  }

  /** Whether the last row is in sight. */
  get isAtEnd(): boolean {
    const { rowHeight } = this.#options;
    return this.#lastTop + this.#height >= this.#count * rowHeight - rowHeight * 1.5;
  }

  /** Whether the end stays in sight when it moves. */
  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.#toEnd();
  }

  /** Shows so many rows; what is in sight is filled anew. */
  update(count: number): void {
    const isAtEnd = this.isAtEnd || this.#count === 0;
    if (count !== this.#count) {
      this.#count = count;
      this.#space.style.height = `${count * this.#options.rowHeight}px`;
      if (this.#active >= count) this.#active = -1;
      if (this.#isFollowing && isAtEnd) this.#toEnd();
    }
    this.#version++;
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
    const next = Math.max(-1, Math.min(index, this.#count - 1));
    const hasMoved = next !== this.#active;
    this.#active = next;
    if (next >= 0) this.reveal(next);
    this.#version++;
    this.#schedule();
    if (hasMoved && !options.silent) this.#options.onActive?.(next);
  }

  /** Scrolls as little as it takes to see a row. */
  reveal(index: number): void {
    const { rowHeight } = this.#options;
    const top = index * rowHeight;
    const { scrollTop } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + rowHeight > scrollTop + this.#height) {
      this.element.scrollTop = top + rowHeight - this.#height;
    }
    this.#schedule();
  }

  #toEnd(): void {
    this.element.scrollTop = this.#count * this.#options.rowHeight;
    this.#lastTop = this.element.scrollTop;
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
    const { rowHeight } = this.#options;
    this.#lastTop = this.element.scrollTop;
    const first = Math.max(0, Math.floor(this.#lastTop / rowHeight) - OVERSCAN);
    const size = Math.ceil(this.#height / rowHeight) + 2 * OVERSCAN;
    this.#resize(size);
    const end = Math.min(this.#count, first + size);
    for (const row of this.#pool) {
      if (row.index < first || row.index >= end) {
        row.index = -1;
        row.element.hidden = true;
      }
    }
    for (let index = first; index < end; index++) this.#fill(this.#pool[index % size]!, index);
    const isRendered = this.#active >= first && this.#active < end;
    setAttr(this.element, "aria-activedescendant", isRendered ? this.#rowId(this.#active) : null);
  }

  #fill(row: PoolRow<R>, index: number): void {
    if (row.index === index && row.version === this.#version) return;
    const { element } = row;
    if (row.index !== index) {
      row.index = index;
      element.style.transform = `translateY(${index * this.#options.rowHeight}px)`;
      element.id = this.#rowId(index);
      element.dataset.index = String(index);
      setAttr(element, "aria-posinset", String(index + 1));
    }
    row.version = this.#version;
    element.hidden = false;
    setAttr(element, "aria-setsize", String(this.#count));
    setAttr(element, "aria-selected", String(index === this.#selected));
    toggle(element, "is-active", index === this.#active);
    toggle(element, "is-selected", index === this.#selected);
    this.#options.fill(element, index);
  }

  #resize(size: number): void {
    if (this.#pool.length === size) return;
    const { create, role, rowHeight } = this.#options;
    while (this.#pool.length < size) {
      const element = create();
      element.classList.add("vlist-row");
      element.style.height = `${rowHeight}px`;
      element.setAttribute("role", role === "tree" ? "treeitem" : "option");
      this.#space.append(element);
      this.#pool.push({ element, index: -1, version: -1 });
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
    const page = Math.max(1, Math.floor(this.#height / this.#options.rowHeight) - 1);
    const from = this.#active >= 0 ? this.#active : this.#selected;
    const moves: Record<string, number> = {
      ArrowDown: from + 1,
      j: from + 1,
      ArrowUp: from < 0 ? this.#count - 1 : Math.max(0, from - 1),
      k: from < 0 ? this.#count - 1 : Math.max(0, from - 1),
      PageDown: from + page,
      PageUp: Math.max(0, from - page),
      Home: 0,
      End: this.#count - 1,
    };
    if (Object.hasOwn(moves, event.key)) this.activate(moves[event.key]!);
    else if (event.key === "Enter" && this.#active >= 0) this.#options.onOpen?.(this.#active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #onClick(event: Event): void {
    const row = event.target instanceof Element ? event.target.closest<R>(".vlist-row") : null;
    const index = Number(row?.dataset.index ?? -1);
    if (index < 0 || index >= this.#count) return;
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
  version: number;
}

/** Rows beyond the edges, so that scrolling by keys never shows an empty one. */
const OVERSCAN = 6;

let lists = 0;
