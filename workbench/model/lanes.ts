/**
 * Puts work that overlaps into lanes of its own.
 *
 * @module
 */

/**
 * The lane of each piece of work, from 0: the first in which nothing goes on any more when it begins. Beyond `most`
 * lanes, they overlap in the last.
 */
export function packLanes(
  work: readonly { readonly from: number; readonly to: number }[],
  most: number,
): { lanes: number[]; count: number } {
  const lanes = new Array<number>(work.length).fill(0);
  const ends: number[] = [];
  const order = work.map((_, index) => index).sort((a, b) => work[a]!.from - work[b]!.from);
  for (const index of order) {
    const { from, to } = work[index]!;
    const free = ends.findIndex((end) => end <= from);
    const lane = free >= 0 ? free : Math.min(ends.length, most - 1);
    lanes[index] = lane;
    ends[lane] = Math.max(to, ends[lane] ?? -Infinity);
  }
  return { lanes, count: ends.length };
}
