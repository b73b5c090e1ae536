/**
 * Circles of imports: files that cannot be understood, moved or tested without each other.
 *
 * @module
 */

/** An import, for whoever asks only what depends on what. */
export interface Arrow {
  from: string;
  to: string;
}

/**
 * The circles of a graph, each with its files in the order of the alphabet: files that reach each other, by Tarjan's
 * algorithm. A file that imports itself is one, too.
 */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of arrows) {
    targets.set(from, (targets.get(from) ?? new Set()).add(to));
  }
  const circles: string[][] = [];
  const entered = new Map<string, number>();
  const open: string[] = [];
  for (const file of targets.keys()) if (!entered.has(file)) enter(file);
  return circles.sort(([a = ""], [b = ""]) => a < b ? -1 : 1);

  /** Returns the earliest file that is still open and reached from this one, by its number. */
  function enter(file: string): number {
    const number = entered.size;
    entered.set(file, number);
    const height = open.push(file) - 1;
    let earliest = number;
    for (const target of targets.get(file) ?? []) {
      const seen = entered.get(target);
      if (seen === undefined) earliest = Math.min(earliest, enter(target));
      else if (open.includes(target)) earliest = Math.min(earliest, seen);
    }
    if (earliest === number) {
      const circle = open.splice(height).sort();
      if (circle.length > 1 || targets.get(file)?.has(file)) circles.push(circle);
    }
    return earliest;
  }
}
