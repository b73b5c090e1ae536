/**
 * Where the rows of a list stand: all are equally high, and above some of them there is room for a heading.
 *
 * @module
 */

/** The places, in pixels from the top of the list. */
export class RowPlaces {
  rowHeight: number;
  count = 0;
  /** The rows that have a heading, from top to bottom. */
  heads: readonly number[] = [];

  constructor(rowHeight: number) {
    this.rowHeight = rowHeight;
  }

  /** How high all of them are. */
  get height(): number {
    return this.topOf(this.count - 1) + this.rowHeight;
  }

  /** Where a row begins, below its heading. */
  topOf(index: number): number {
    let top = index * this.rowHeight;
    for (const head of this.heads) if (head <= index) top += HEAD_PX;
    return top;
  }

  /** The row that stands at a place, or whose heading does. */
  indexAt(top: number): number {
    let index = Math.floor(top / this.rowHeight);
    while (index > 0 && this.topOf(index - 1) + this.rowHeight > top) index--;
    return index;
  }
}

const HEAD_PX = 28;
