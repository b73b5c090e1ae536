/**
 * Reads afterwards what processes wrote down, and says what became of the events: whatever a reader did not get
 * must have been announced to it.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";

/** What a process writes down, one a line. */
export type LogLine =
  /** It published up to that number, and all of it was stored. */
  | { readonly kind: "stored"; readonly by: string; readonly n: number }
  /** It was given an event, or a gap. */
  | {
    readonly kind: "event";
    readonly event_id: string;
    readonly event_type: string;
    readonly data: Readonly<Record<string, unknown>>;
  }
  /** Its reading ended. */
  | { readonly kind: "ended"; readonly why: string };

/** What became of the events of one reader. */
export interface Report {
  /** Neither given nor announced. */
  lost: number;
  /** Given twice, with nothing said in between. */
  doubled: number;
  /** Given after what came later. */
  reordered: number;
  /** Announced as missing. */
  gaps: number;
  /** How many times it was told that everything begins anew. */
  epochs: number;
  /** Given, each counted once. */
  delivered: number;
}

/** Checks one reader, which may have been several processes one after the other, against who published. */
export function check(reader: readonly LogLine[], publishers: readonly LogLine[]): Report {
  const reading = new Reading();
  for (const line of reader) if (line.kind === "event") reading.take(line);
  const stored = new Map<string, number>();
  for (const line of publishers) if (line.kind === "stored") stored.set(line.by, line.n);
  return reading.report(stored);
}

class Reading {
  readonly #report: Report = {
    lost: 0,
    doubled: 0,
    reordered: 0,
    gaps: 0,
    epochs: 0,
    delivered: 0,
  };
  readonly #seen = new Map<string, Set<number>>();
  #epoch: string | null = null;
  #last = 0;
  // Of this epoch.
  #ids = new Set<string>();
  #newest = new Map<string, number>();

  take({ event_id, event_type, data }: LogLine & { kind: "event" }): void {
    const cursor = parseEventId(event_id);
    if (cursor === null) throw new Error(`No id: ${event_id}`);
    const isGap = event_type === "bus.gap";
    const from = isGap ? data.from_seq as number : cursor.seq;
    if (cursor.epoch !== this.#epoch || data.reason === "new_epoch") {
      // To begin with the first event is the only beginning that needs no word.
      if (this.#epoch !== null && data.reason !== "new_epoch") this.#report.lost++;
      if (this.#epoch !== null) this.#report.epochs++;
      this.#epoch = cursor.epoch;
      this.#last = 0;
      this.#ids = new Set();
      this.#newest = new Map();
    }
    if (from <= this.#last) {
      this.#report[!isGap && this.#ids.has(event_id) ? "doubled" : "reordered"]++;
      return;
    }
    this.#report.lost += from - this.#last - 1;
    this.#last = cursor.seq;
    this.#ids.add(event_id);
    if (isGap) this.#report.gaps += data.count as number;
    else this.#takeNumber(data.by as string, data.n as number);
  }

  report(stored: ReadonlyMap<string, number>): Report {
    const publishers = new Set([...stored.keys(), ...this.#seen.keys()]);
    let missing = 0;
    for (const by of publishers) {
      const seen = this.#seen.get(by) ?? new Set();
      missing += Math.max(stored.get(by) ?? 0, ...seen) - seen.size;
      this.#report.delivered += seen.size;
    }
    // How much an incarnation had that is gone, nobody can know: its readers are told that it is gone.
    if (this.#report.epochs === 0) this.#report.lost += Math.max(0, missing - this.#report.gaps);
    return this.#report;
  }

  #takeNumber(by: string, n: number): void {
    const newest = this.#newest.get(by) ?? 0;
    const seen = this.#seen.get(by) ?? new Set();
    this.#seen.set(by, seen);
    if (n <= newest) this.#report[seen.has(n) ? "doubled" : "reordered"]++;
    else this.#newest.set(by, n);
    seen.add(n);
  }
}
