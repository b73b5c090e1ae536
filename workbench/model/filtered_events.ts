/**
 * Which of the shown events the filter lets through: kept up to date by looking at new events only.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { compileFilter, type EventFilter } from "./filter.ts";

/** The rows of the event list: places among the events of the run. */
export class FilteredEvents {
  #text = "";
  #filter: EventFilter | null = null;
  #places: number[] = [];
  #seen = 0;
  #length = 0;
  #source: readonly StreamEvent[] | null = null;

  /** Whether some were not looked at yet: another call is needed. */
  isBehind = false;

  /** Looks at what is new since the last time, until a moment of `performance.now()`. */
  update(events: readonly StreamEvent[], shown: number, text: string, until = Infinity): void {
    if (text !== this.#text) {
      this.#text = text;
      this.#filter = compileFilter(text);
      this.reset();
    }
    if (events !== this.#source) {
      this.#source = events;
      this.reset();
    }
    this.#length = shown;
    this.isBehind = false;
    if (this.#filter === null) return;
    if (shown < this.#seen) {
      this.#seen = shown;
      while (this.#places.length > 0 && this.#places.at(-1)! >= shown) this.#places.pop();
    }
    for (; this.#seen < shown; this.#seen++) {
      if (this.#filter(events[this.#seen]!)) this.#places.push(this.#seen);
      if (this.#seen % PIECE === PIECE - 1 && performance.now() > until) {
        this.#seen++;
        this.isBehind = this.#seen < shown;
        return;
      }
    }
  }

  /** Starts again, because the places have changed. */
  reset(): void {
    this.#places = [];
    this.#seen = 0;
  }

  get isFiltering(): boolean {
    return this.#filter !== null;
  }

  /** How many rows there are. */
  get length(): number {
    return this.#filter === null ? this.#length : this.#places.length;
  }

  /** The place of a row among the events. */
  placeAt(row: number): number {
    return this.#filter === null ? row : this.#places[row] ?? -1;
  }

  /** The row of a place, or the next one after it. */
  rowOf(place: number): number {
    if (this.#filter === null) return place;
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** So many are looked at between two looks at the clock. */
const PIECE = 500;
