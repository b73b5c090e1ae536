import { isRunning, type PictureRow } from "./picture_rows.ts";

/** What lines can hang on. */
export type Branch = Exclude<PictureRow, { kind: "note" }>;

/** A line before the tree gave it its place. */
export type NewRow<R extends PictureRow> = Omit<R, "key" | "parent" | "revision">;

/** How many lines are not kept any more, because a picture is bounded. */
export interface LeftOut {
  /** Turns and spans. */
  work: number;
  /** Notes. */
  notes: number;
}

/**
 * The lines of a picture and what hangs on what. Bounded: past `maxRows`, an old line that is over and on which
 * nothing hangs makes room, and is counted where it hung.
 */
export class RowTree {
  readonly rows: PictureRow[] = [];
  readonly leftOut: LeftOut = { work: 0, notes: 0 };
  /** How many lines left the top of the run. */
  rowsLeftOut = 0;
  revision = 0;
  structureRevision = 0;
  readonly #maxRows: number;
  readonly #onLeave: (row: PictureRow) => void;
  /** The lines in the order in which they are asked to make room. */
  readonly #queue = new Set<PictureRow>();
  #lastKey = 0;

  constructor(maxRows: number, onLeave: (row: PictureRow) => void) {
    this.#maxRows = maxRows;
    this.#onLeave = onLeave;
  }

  /** Adds a line at the end of what hangs on `parent`. */
  add<R extends PictureRow>(row: NewRow<R>, parent: Branch | null): R {
    while (parent !== null && depthOf(parent) >= MAX_DEPTH) ({ parent } = parent);
    const added = { ...row, key: ++this.#lastKey, parent, revision: 0 } as R;
    this.childrenOf(parent).push(added);
    this.touch(added);
    this.structureRevision = this.revision;
    if (this.#queue.size >= this.#maxRows) this.#makeRoom();
    this.#queue.add(added);
    return added;
  }

  /** Notes that a line is not what it was. */
  touch(row: PictureRow): void {
    row.revision = ++this.revision;
  }

  /** Moves a line with all that hangs on it; not into itself, and not too deep. */
  move(row: PictureRow, parent: Branch | null): boolean {
    if (isWithin(parent, row) || heightOf(row) + depthOf(parent) > MAX_DEPTH) return false;
    this.#detach(row);
    row.parent = parent;
    this.childrenOf(parent).push(row);
    this.touch(row);
    this.structureRevision = this.revision;
    return true;
  }

  /** What hangs on a line, or at the top of the run. */
  childrenOf(parent: Branch | null): PictureRow[] {
    return parent === null ? this.rows : parent.children;
  }

  #makeRoom(): void {
    // Who cannot go waits until all others were asked: each is looked at once a round, however many there are.
    const patience = this.#queue.size < this.#maxRows * 1.1 ? 16 : Infinity;
    let looked = 0;
    for (const row of this.#queue) {
      // Hostile streams begin and never end: past the limit, what still runs goes as well.
      const mayGo = row.kind === "note" || row.children.length === 0 &&
          (!isRunning(row) || looked > this.#maxRows);
      if (mayGo) return this.#leave(row);
      if (++looked > patience) return;
      this.#queue.delete(row);
      this.#queue.add(row);
    }
  }

  #leave(row: PictureRow): void {
    const { parent } = row;
    this.#queue.delete(row);
    this.#detach(row);
    if (row.kind === "note") this.leftOut.notes++;
    else this.leftOut.work++;
    if (parent === null) this.rowsLeftOut++;
    else parent.leftOut++;
    this.structureRevision = ++this.revision;
    this.#onLeave(row);
  }

  #detach(row: PictureRow): void {
    const siblings = this.childrenOf(row.parent);
    // The oldest stand first.
    siblings.splice(siblings.indexOf(row), 1);
    if (row.parent !== null) this.touch(row.parent);
  }
}

/** Whether `row` is `outer`, or hangs on it. */
export function isWithin(row: PictureRow | null, outer: PictureRow): boolean {
  for (; row !== null; row = row.parent) {
    if (row === outer) return true;
  }
  return false;
}

/** How many lines `row` hangs on, itself counted. */
export function depthOf(row: PictureRow | null): number {
  let depth = 0;
  for (; row !== null; row = row.parent) depth++;
  return depth;
}

function heightOf(row: PictureRow): number {
  if (row.kind === "note") return 1;
  return 1 + row.children.reduce((height, child) => Math.max(height, heightOf(child)), 0);
}

/** Deeper than a person reads, and less deep than any stack allows. */
const MAX_DEPTH = 64;
