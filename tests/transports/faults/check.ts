/**
 * Reads afterwards what readers wrote down, and says what became of the events: whatever a reader did not get must
 * have been announced to it.
 *
 * @module
 */
import { parseEventId } from "../../../src/events/identifiers.ts";

/** Something that a reader wrote down, and when. */
export type ReaderLine =
  /** Whatever is published from now on, it is owed. */
  | { readonly kind: "opened"; readonly time: number }
  /** It was given an event, or a gap. */
  | {
    readonly kind: "event";
    readonly time: number;
    readonly run_id: string;
    readonly event_id: string;
    readonly event_type: string;
    readonly data: Readonly<Record<string, unknown>>;
    /** Where it was then in the order of all runs, if it reads all or several. */
    readonly position?: string;
  }
  /** Its reading ended. */
  | { readonly kind: "ended"; readonly time: number; readonly why: string };

/** An event that was published, and that somebody who reads its run is owed. */
export interface Publication {
  readonly time: number;
  readonly run: string;
  readonly by: string;
  /** Its number among those of its publisher and run. */
  readonly n: number;
}

/** What was read: a run with its history, a run live, or all runs. */
export type What = "history" | "live" | "all";

/** What became of the events of one reader. */
export interface Report {
  /** Neither given nor announced. */
  lost: number;
  /** Given twice, with nothing said in between. */
  doubled: number;
  /** Given after what came later. */
  reordered: number;
  /** Incarnations that began without a word. */
  unannounced: number;
  /** Announced as missing. */
  gaps: number;
  /** How many times it was told that everything begins anew, of what it had something of. */
  epochs: number;
  /** Given, each counted once. */
  delivered: number;
  /** Which are lost, or some of them, where only their number is known. */
  missing: string[];
}

/** What must not be. */
export function faultsOf({ lost, doubled, reordered, unannounced }: Report) {
  return { lost, doubled, reordered, unannounced };
}

/**
 * Checks one reader, which may have been several one after the other, against what was published.
 *
 * @param what What it read: a run with its history, a run live, or all runs.
 */
export function check(
  lines: readonly ReaderLine[],
  publications: readonly Publication[],
  what: What = "history",
): Report {
  const report: Report = {
    lost: 0,
    doubled: 0,
    reordered: 0,
    unannounced: 0,
    gaps: 0,
    epochs: 0,
    delivered: 0,
    missing: [],
  };
  const readings = new Map<string, RunReading>();
  const of = (run: string) => {
    let reading = readings.get(run);
    if (reading === undefined) readings.set(run, reading = new RunReading(report, what));
    return reading;
  };
  const runs = new Set(publications.map(({ run }) => run));
  let opened = Infinity;
  let position = parseEventId("");
  for (const line of lines) {
    if (line.kind === "ended") continue;
    if (line.kind === "event" && line.data.reason === "new_epoch") position = null;
    else if (
      line.kind === "event" && line.event_type !== "bus.gap" && line.position !== undefined
    ) {
      const next = parseEventId(line.position)!;
      if (next.epoch === position?.epoch && next.seq <= position.seq) report.reordered++;
      position = next;
    }
    if (line.kind === "opened") opened = Math.min(opened, line.time);
    else if (line.run_id !== "*") of(line.run_id).take(line);
    // What concerns all runs concerns also those that were not heard of yet.
    else for (const run of new Set([...runs, ...readings.keys()])) of(run).takeForAll(line);
  }
  const owed = new Map<string, Publication[]>();
  for (const publication of publications) {
    if (publication.time <= opened) continue;
    owed.set(publication.run, [...owed.get(publication.run) ?? [], publication]);
  }
  for (const [run, reading] of readings) reading.finish(owed.get(run) ?? []);
  return report;
}

/** What a reader was given of one run. */
class RunReading {
  readonly #report: Report;
  readonly #seen = new Set<string>();
  #epoch: string | null = null;
  // Whether a word about another epoch may be among what is missing.
  #maySkip = false;
  readonly #what: What;
  // The newest number; −1 if the next may be any.
  #last: number;
  // Of this epoch: the newest of each publisher, and what was announced as missing.
  #newest = new Map<string, number>();
  #missing = 0;
  // When it was said the last time that everything begins anew.
  #anew = -Infinity;

  constructor(report: Report, what: What) {
    this.#report = report;
    this.#what = what;
    this.#last = what === "history" ? 0 : -1;
  }

  take({ time, event_id, event_type, data, position }: ReaderLine & { kind: "event" }): void {
    const cursor = parseEventId(event_id);
    if (cursor === null) throw new Error(`No id: ${event_id}`);
    const isGap = event_type === "bus.gap";
    const isOther = this.#epoch !== null && cursor.epoch !== this.#epoch;
    if (isGap && data.reason === "new_epoch") {
      this.#countTold(cursor.epoch, position);
      this.#beginAnew(time, cursor.epoch);
    } else if (isOther || data.reason === "unknown_cursor") {
      // No reader had an id that the store did not give it. With a position, nothing is missing if it gets the first number.
      const isWhole = position !== undefined && (isGap ? data.from_seq : cursor.seq) === 1;
      if (!isOther || !(this.#maySkip || isWhole)) this.#report.unannounced++;
      this.#beginAnew(time, cursor.epoch);
    } // A reader of several runs that had nothing of this one may have missed another incarnation of it.
    else if (isGap && position !== undefined && this.#epoch === null) this.#forgive(time);
    this.#maySkip = false;
    this.#epoch = cursor.epoch;
    // Who reads all runs is given what comes, from whatever number on.
    if (this.#what === "all" && data.reason === "new_epoch") return;
    let from = isGap ? data.from_seq as number : cursor.seq;
    if (position !== undefined && this.#what !== "all" && from <= this.#last) {
      // Of several runs, a gap does not move the position: it says what is missing at most, and what it says may come later.
      if (isGap && cursor.seq <= this.#last) return;
      if (isGap) from = this.#last + 1;
      else if (this.#takeLate(data.by as string, data.n as number)) return;
    }
    if (this.#last >= 0 && from <= this.#last) {
      this.#report[isGap ? "reordered" : "doubled"]++;
      return;
    }
    if (this.#last >= 0) this.#report.lost += from - this.#last - 1;
    this.#last = cursor.seq;
    if (isGap) this.#miss(cursor.seq - from + 1);
    else this.#takeNumber(data.by as string, data.n as number);
  }

  /** Of whatever run, something is missing: also a word about this one, perhaps. */
  takeForAll({ time, data }: ReaderLine & { kind: "event" }): void {
    this.#report.gaps += data.count as number;
    this.#forgive(time);
    this.#last = -1;
    this.#maySkip = true;
  }

  finish(owed: readonly Publication[]): void {
    const missing = owed.filter(({ time, by, n }) =>
      time > this.#anew && !this.#seen.has(`${by} ${n}`)
    );
    const lost = Math.max(0, missing.length - this.#missing);
    this.#report.lost += lost;
    if (lost > 0) this.#report.missing.push(...missing.map(({ by, n }) => `${by} ${n}`));
  }

  /**
   * Who had nothing loses nothing by being told, and one that comes back where it was is told the same once more. A reader
   * of several runs is told of a run that is gone, and once more when it begins if it may have been there in between.
   */
  #countTold(epoch: string, position?: string): void {
    const isRepeated = this.#newest.size === 0 &&
      (position !== undefined || epoch === this.#epoch);
    if (this.#seen.size > 0 && !isRepeated) this.#report.epochs++;
  }

  #beginAnew(time: number, epoch: string): void {
    this.#forgive(time);
    this.#epoch = epoch;
    this.#last = this.#what === "all" ? -1 : 0;
    this.#newest = new Map();
  }

  /** How much is gone, nobody can know; that it is gone was said. */
  #forgive(time: number): void {
    this.#anew = time;
    this.#missing = 0;
  }

  #miss(count: number): void {
    this.#missing += count;
    this.#report.gaps += count;
  }

  /** Takes what was announced as missing; false if it was not. */
  #takeLate(by: string, n: number): boolean {
    const key = `${by} ${n}`;
    if (this.#missing === 0 || this.#seen.has(key)) return false;
    this.#missing--;
    this.#report.delivered++;
    this.#seen.add(key);
    return true;
  }

  #takeNumber(by: string, n: number): void {
    const key = `${by} ${n}`;
    if (n <= (this.#newest.get(by) ?? 0)) {
      this.#report[this.#seen.has(key) ? "doubled" : "reordered"]++;
    } else this.#newest.set(by, n);
    if (!this.#seen.has(key)) this.#report.delivered++;
    this.#seen.add(key);
  }
}
