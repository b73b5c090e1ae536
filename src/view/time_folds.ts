import type { Stretch } from "./idle_times.ts";

/** A part of the time that is drawn shorter than it was. All values are milliseconds from the start of the run. */
export interface TimeFold {
  /** When it begins. */
  readonly from: number;
  /** When it ends. */
  readonly to: number;
  /** Where it begins on the scale. */
  readonly at: number;
  /** How much room it takes there. */
  readonly room: number;
}

/**
 * A scale on which long waits take little room: from moments of a run to places and back.
 *
 * Places are milliseconds as well: one place is one millisecond everywhere but in a fold.
 */
export class TimeFolds {
  /** What is folded, oldest first. */
  readonly folds: readonly TimeFold[];
  /** How far the scale reaches. */
  readonly reach: number;

  /**
   * Makes the scale.
   *
   * @param times What to fold, in order, from the start of the run.
   * @param length How long the run took.
   * @param reachOf How far the scale of so much time reaches; it may reach farther.
   */
  constructor(
    times: readonly Stretch[],
    length: number,
    reachOf: (ms: number) => number = (ms) => ms,
  ) {
    const folded = times.reduce((sum, { from, to }) => sum + to - from, 0);
    const reach = Math.max(1, reachOf(Math.max(0, length - folded)));
    // All breaks are equally wide, and together they leave most of the room to the work.
    const room = reach * Math.min(FOLD_ROOM, MAX_ROOM / Math.max(1, times.length));
    let saved = 0;
    this.folds = times.map(({ from, to }) => {
      const fold = { from, to, at: from - saved, room };
      saved += to - from - room;
      return fold;
    });
    this.reach = reach + times.length * room;
  }

  /** The place of a moment. */
  placeOf(ms: number): number {
    let place = ms;
    for (const { from, to, room } of this.folds) {
      if (ms <= from) break;
      if (ms < to) return place - (ms - from) + (ms - from) / (to - from) * room;
      place -= to - from - room;
    }
    return place;
  }

  /** The moment at a place. */
  momentAt(place: number): number {
    let moment = place;
    for (const { from, to, at, room } of this.folds) {
      if (place <= at) break;
      if (place < at + room) return from + (place - at) / room * (to - from);
      moment += to - from - room;
    }
    return moment;
  }
}

/** The share of the scale that a fold takes. */
const FOLD_ROOM = 0.04;
const MAX_ROOM = 0.25;
