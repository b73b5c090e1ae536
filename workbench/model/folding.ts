/**
 * Which lines of the timeline are shut: finished agents by themselves where there are many lines, any line by hand.
 *
 * @module
 */
import { repeatsAt } from "../../src/view/repeats.ts";
import type { PictureRow, PictureSpan, PictureTurn } from "../../src/view/picture_rows.ts";

/** What is shut. By hand wins, and holds as long as the run is open. */
export class Folding {
  /** Grows with every change. */
  version = 0;
  readonly #shut = new Map<number, boolean>();
  /** What was done by hand, by the event of a line: what a link can say. */
  readonly #byHand = new Map<string, boolean>();

  /** What was done by hand, as a link says it; the latest, if it is too much for one. */
  get words(): string {
    const all = [...this.#byHand].map(([eventId, isShut]) => isShut ? eventId : `-${eventId}`);
    while (all.join().length > MAX_WORDS) all.shift();
    return all.join();
  }

  /** Folds as a link says. */
  restore(words: string): void {
    this.#shut.clear();
    this.#byHand.clear();
    for (const word of words.split(",").filter((word) => word !== "")) {
      this.#byHand.set(word.replace(/^-/, ""), !word.startsWith("-"));
    }
    this.version++;
  }

  /**
   * Whether a line is shut.
   *
   * @param mayFold Whether lines may be shut by themselves now.
   * @param isRepeated Whether it is the first of many that say the same; else, only finished agents are shut.
   */
  isShut(row: PictureTurn | PictureSpan, mayFold: boolean, isRepeated = false): boolean {
    const known = this.#shut.get(row.key) ?? this.#byHand.get(eventOf(row));
    if (known !== undefined || !mayFold) return known ?? false;
    if (!isRepeated && !isFinishedAgent(row)) return false;
    this.#shut.set(row.key, true);
    return true;
  }

  /** Opens a line, or shuts it. */
  set(row: PictureTurn | PictureSpan, isShut: boolean): void {
    this.#shut.set(row.key, isShut);
    this.#byHand.delete(eventOf(row));
    this.#byHand.set(eventOf(row), isShut);
    this.version++;
  }

  /** Opens whatever a line stands in, or stands for it. */
  reveal(row: PictureRow, siblings: readonly PictureRow[]): void {
    const place = siblings.indexOf(row);
    for (let at = 0, end = 0; at < place; at = end) {
      end = at + repeatsAt(siblings, at);
      const first = siblings[at]!;
      if (first.kind === "span" && end > place) this.set(first, false);
    }
    for (let outer = row.parent; outer !== null; outer = outer.parent) {
      if (this.#shut.get(outer.key) ?? this.#byHand.get(eventOf(outer))) this.set(outer, false);
    }
  }

  /** Opens all, or shuts all that is over. */
  setAll(rows: readonly PictureRow[], isShut: boolean): void {
    this.#byHand.clear();
    this.#setAll(rows, isShut, false);
    this.version++;
  }

  #setAll(rows: readonly PictureRow[], isShut: boolean, isWithin: boolean): void {
    for (const [at, row] of rows.entries()) {
      if (row.kind === "note") continue;
      const shuts = isShut && row.endedAt !== null;
      this.#shut.set(row.key, shuts);
      // A link need not say what is within what is shut, nor what has nothing in it.
      const isSaid = shuts && !isWithin && (row.children.length > 0 || repeatsAt(rows, at) > 1);
      if (isSaid) this.#byHand.set(eventOf(row), true);
      this.#setAll(row.children, isShut, isWithin || shuts);
    }
  }
}

function eventOf(row: PictureTurn | PictureSpan): string {
  return row.startEventId ?? row.endEventId ?? "";
}

/** Shutting it hides nothing that a person has to see. */
function isFinishedAgent(row: PictureTurn | PictureSpan): boolean {
  return row.kind === "span" && row.role === "agent" && row.parent !== null &&
    row.state === "done" && row.children.length > 0 && !row.children.some(isUrgent);
}

function isUrgent(row: PictureRow): boolean {
  if (row.kind === "note") return false;
  return URGENT.has(row.state) || row.children.some(isUrgent);
}

/** How many lines in a shut line failed. */
export function failedIn(rows: readonly PictureRow[]): number {
  return rows.reduce(
    (sum, row) =>
      row.kind === "note" ? sum : sum + Number(row.state === "failed") + failedIn(row.children),
    0,
  );
}

const URGENT: ReadonlySet<string> = new Set(["failed", "waiting", "running"]);
/** What has room in a link. */
const MAX_WORDS = 400;
