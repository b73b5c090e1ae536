import type { LogEntry } from "../../core/log/event_log.ts";

/** Entries of a run, by their numbers in it. */
export function entriesBySeq(): SparseEntries {
  return new SparseEntries(({ seq }) => seq);
}

/** Entries in the order of a number of theirs, with any distance between two of them. */
export class SparseEntries {
  readonly #numberOf: (entry: LogEntry) => number;
  // From `#first` on; what is before was forgotten.
  #entries: (LogEntry | undefined)[] = [];
  #first = 0;

  constructor(numberOf: (entry: LogEntry) => number) {
    this.#numberOf = numberOf;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  push(entry: LogEntry): void {
    this.#entries.push(entry);
  }

  prepend(entries: readonly LogEntry[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#first)];
    this.#first = 0;
  }

  shift(): LogEntry | undefined {
    if (this.length === 0) return undefined;
    const oldest = this.#entries[this.#first];
    this.#entries[this.#first++] = undefined;
    if (this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return oldest;
  }

  /** The entry that is so many before the newest, 0 for that itself. */
  fromEnd(index: number): LogEntry | undefined {
    return index < this.length ? this.#entries[this.#entries.length - 1 - index] : undefined;
  }

  /**
   * The first entry whose number is greater, if there is one.
   *
   * @param index Where it is if no number before it was left out: it is no further from the first in any case.
   */
  after(number: number, index = Infinity): LogEntry | undefined {
    let low = this.#first;
    let high = Math.min(this.#entries.length, low + Math.max(0, index));
    if (high > low && !this.#isAfter(high - 1, number)) return this.#entries[high];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isAfter(middle, number)) high = middle;
      else low = middle + 1;
    }
    return this.#entries[low];
  }

  #isAfter(index: number, number: number): boolean {
    return this.#numberOf(this.#entries[index]!) > number;
  }
}
