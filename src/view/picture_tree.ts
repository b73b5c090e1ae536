import { checkCount, checkOptions, describe } from "../core/options.ts";
import type { PictureRow } from "./picture_rows.ts";

/** A line, with what hangs on it as deep as was asked for. */
export interface PictureBranch {
  /** The line. */
  readonly row: PictureRow;
  /** What hangs on it; `[]` where it is not shown. */
  readonly children: readonly PictureBranch[];
  /** How many lines below are not shown, because they are deeper. */
  readonly hidden: number;
}

/** Options of {@linkcode branchesOf}. */
export interface BranchesOptions {
  /** How many levels; 1 is what is directly below. @default {all} */
  depth?: number;
  /** The id of the span to look into: that of an agent, say. @default {the whole run} */
  under?: string;
}

/**
 * The lines of a picture as far as a reader wants to see them: so many levels, or what one agent does. Nothing has to be
 * published differently for it.
 *
 * @param rows The rows of a picture.
 * @returns `[]` if there is no span of the id `under`.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `depth` is not a whole number of at least 1.
 */
export function branchesOf(
  rows: readonly PictureRow[],
  options: BranchesOptions = {},
): readonly PictureBranch[] {
  const owner = "branchesOf()";
  checkOptions(owner, options, ["depth", "under"]);
  const { depth = Infinity, under } = options;
  if (depth !== Infinity) checkCount(owner, "depth", depth, 1);
  if (under !== undefined && typeof under !== "string") {
    throw new TypeError(`${owner}: "under" must be the id of a span, got ${describe(under)}`);
  }
  return toBranches(under === undefined ? rows : childrenOf(rows, under), depth);
}

function toBranches(rows: readonly PictureRow[], depth: number): PictureBranch[] {
  return rows.map((row) => {
    const below = row.kind === "note" ? [] : row.children;
    return depth > 1
      ? { row, children: toBranches(below, depth - 1), hidden: 0 }
      : { row, children: [], hidden: countAll(below) };
  });
}

function childrenOf(rows: readonly PictureRow[], spanId: string): readonly PictureRow[] {
  for (const row of rows) {
    if (row.kind === "note") continue;
    if (row.spanId === spanId) return row.children;
    const found = childrenOf(row.children, spanId);
    if (found.length > 0) return found;
  }
  return [];
}

function countAll(rows: readonly PictureRow[]): number {
  return rows.reduce((n, row) => n + 1 + (row.kind === "note" ? 0 : countAll(row.children)), 0);
}
