import type { Publication, ReaderLine } from "./faults/check.ts";

/** What a process writes down, one a line: a reader what it was given, a publisher what was stored. */
export type Line =
  | ReaderLine
  /** It published up to that number, and all of it was stored; the last of it not before that time. */
  | {
    readonly kind: "stored";
    readonly time: number;
    readonly run: string;
    readonly by: string;
    readonly n: number;
  };

/** What is owed to readers of what publishers wrote down: a killed one may have published more. */
export function publicationsOf(lines: readonly Line[]): Publication[] {
  const publications: Publication[] = [];
  const newest = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== "stored") continue;
    const { kind: _, n: last, ...rest } = line;
    for (let n = (newest.get(line.by) ?? 0) + 1; n <= last; n++) publications.push({ ...rest, n });
    newest.set(line.by, last);
  }
  return publications;
}
