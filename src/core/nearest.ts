/** The word that a mistyped one may have meant. */

/** The words that are nearest to `word`, best first, at most `most`; none if none is near. */
export function nearest(word: string, known: Iterable<string>, most = 1): string[] {
  const wanted = word.toLowerCase();
  const found: { name: string; distance: number }[] = [];
  for (const name of known) {
    const distance = distanceOf(wanted, name.toLowerCase());
    if (distance <= Math.max(1, Math.floor(Math.min(word.length, MAX_LENGTH) / 3))) {
      found.push({ name, distance });
    }
  }
  // Of words that are equally near, the first is the best: runs are listed by how new they are.
  return found.sort((a, b) => a.distance - b.distance).slice(0, most).map(({ name }) => name);
}

/** `; did you mean "tail"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>, most = 3): string {
  const names = nearest(word, known, most).map((name) => `"${name}"`);
  return names.length === 0 ? "" : `; did you mean ${names.join(" or ")}?`;
}

/** How many letters have to be added, taken away, changed or swapped. A beginning is near to the whole. */
function distanceOf(word: string, name: string): number {
  if (word.length >= MIN_PREFIX && name.startsWith(word)) return 1;
  if (word.length > MAX_LENGTH || name.length > MAX_LENGTH) return Infinity;
  const found: number[] = [];
  /** The distance of the beginnings that end at `i` and `j`. */
  const distance = (i: number, j: number): number => {
    if (i < 0 || j < 0) return i + j + 2;
    return found[i * MAX_LENGTH + j] ??= word[i] === name[j]
      ? distance(i - 1, j - 1)
      : 1 + Math.min(
        distance(i - 1, j),
        distance(i, j - 1),
        distance(i - 1, j - 1),
        word[i] === name[j - 1] && word[i - 1] === name[j] ? distance(i - 2, j - 2) : Infinity,
      );
  };
  return distance(word.length - 1, name.length - 1);
}

const MIN_PREFIX = 3;
/** As long as the id of a run can be; nothing longer is looked at. */
const MAX_LENGTH = 128;
