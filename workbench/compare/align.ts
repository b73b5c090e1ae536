/**
 * What two rows of things have in common, in order: of rows of spans, and of words of a text.
 *
 * @module
 */

/** Things that stand for each other; null where there is none. */
export type Aligned<T> = readonly [a: T | null, b: T | null];

/**
 * Pairs what is the same in the longest common row. Of more than {@linkcode MAX_CELLS} comparisons, only the beginnings
 * and the ends are paired, which are the same in most.
 */
export function align<T>(
  a: readonly T[],
  b: readonly T[],
  isSame: (a: T, b: T) => boolean,
): Aligned<T>[] {
  let start = 0;
  while (start < a.length && start < b.length && isSame(a[start]!, b[start]!)) start++;
  let end = 0;
  while (
    end < Math.min(a.length, b.length) - start &&
    isSame(a[a.length - 1 - end]!, b[b.length - 1 - end]!)
  ) end++;
  const pair = (i: number, j: number): Aligned<T> => [a[i]!, b[j]!];
  return [
    ...a.slice(0, start).map((_, i) => pair(i, i)),
    ...alignMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end), isSame),
    ...a.slice(a.length - end).map((_, i) => pair(a.length - end + i, b.length - end + i)),
  ];
}

function alignMiddle<T>(
  a: readonly T[],
  b: readonly T[],
  isSame: (a: T, b: T) => boolean,
): Aligned<T>[] {
  const only: Aligned<T>[] = [
    ...a.map((one): Aligned<T> => [one, null]),
    ...b.map((one): Aligned<T> => [null, one]),
  ];
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_CELLS) return only;
  // How long the common row is from here on.
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = isSame(a[i]!, b[j]!)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const aligned: Aligned<T>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (isSame(a[i]!, b[j]!)) aligned.push([a[i++]!, b[j++]!]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) {
      aligned.push([a[i++]!, null]);
    } else aligned.push([null, b[j++]!]);
  }
  while (i < a.length) aligned.push([a[i++]!, null]);
  while (j < b.length) aligned.push([null, b[j++]!]);
  return aligned;
}

const MAX_CELLS = 4_000_000;
