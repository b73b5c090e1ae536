/**
 * The picture of the open run at the place that is shown. Going forward adds to it; going back takes
 * another one, which is kept near.
 *
 * @module
 */
import { longIdleTimes, type Stretch } from "../../src/view/idle_times.ts";
import { type PictureRow, visitRows } from "../../src/view/picture_rows.ts";
import { RunPicture } from "../../src/view/run_picture.ts";
import { failureOf, type RunFailure } from "../../src/view/run_failure.ts";
import { findCriticalPath } from "./critical_path.ts";
import { Folding } from "./folding.ts";
import { InPieces, type Pieces } from "./in_pieces.ts";
import { findSpent, type Spent } from "./row_tokens.ts";
import type { Prices } from "./run_cost.ts";
import type { RunLog } from "./run_log.ts";
import { flatten, type Timeline } from "./timeline_rows.ts";

/** When a run is from, as far as it is shown, in milliseconds since 1970. */
export interface RunTime {
  readonly startedAt: number;
  readonly endsAt: number;
  /** While it goes on: when it was last heard of. */
  readonly heardAt: number | null;
}

/** What all lines come to. */
export interface Measures {
  /** The lines on the critical path. */
  readonly critical: ReadonlySet<PictureRow>;
  /** The waits that are long enough to be folded. */
  readonly waits: readonly Stretch[];
  /** What lines cost. */
  readonly spent: ReadonlyMap<PictureRow, Spent>;
}

/** A picture that follows a log. */
export class FoldedRun {
  readonly log: RunLog;
  readonly folding = new Folding();
  /** Whether finished agents may be shut by themselves: nothing moves while a person reads. */
  mayFold = true;
  /** Whether the picture is not the one that was asked for: another call is needed. */
  isBehind = false;
  /** Whether another call would do good. */
  isPreparing = false;
  #shown: Fold;
  /** What is shown after a step back, as far as it has come. */
  #other: Fold | null = null;
  #isClosed = false;
  #calledAt = -Infinity;
  #timeline: Timeline = { rows: [], notes: [], newest: -1 };
  #structure = "";
  #version = -1;
  #flattening: { readonly structure: string; readonly work: InPieces<Timeline> } | null = null;
  #measuring: InPieces<void> | null = null;
  #measuredAt = -Infinity;
  /** Up to when this frame may be used for what takes long in a long run. */
  #until = Infinity;
  #failure: { readonly revision: number; readonly failure: RunFailure | null } | null = null;
  #critical: ReadonlySet<PictureRow> = new Set();
  #waits: readonly Stretch[] = [];
  #spent: ReadonlyMap<PictureRow, Spent> = new Map();
  #measuredRevision = -1;

  constructor(log: RunLog) {
    this.log = log;
    this.#shown = this.#begin();
  }

  /**
   * The picture of the first events of the log, so many of them. A long way there is gone in pieces, one with each call:
   * until {@linkcode FoldedRun.isBehind} is false, it is the picture of a moment nearby.
   */
  at(shown: number): RunPicture {
    const { events, droppedCount, closed } = this.log;
    const wanted = droppedCount + shown;
    const isWhole = shown === events.length && closed;
    const now = performance.now();
    // Where frames take long, a piece is larger: else what arrives live would never be caught up with.
    const until = now + Math.max(SLICE_MS, Math.min(MAX_SLICE_MS, (now - this.#calledAt) / 3));
    this.#calledAt = now;
    this.#until = until + SLICE_MS / 2;
    const isBack = wanted < this.#shown.folded || (this.#isClosed && !isWhole);
    if (isBack) {
      // It cannot go back, so another one comes from the beginning, or from where the last one was left.
      if (this.#other === null || this.#other.folded > wanted) this.#other = this.#begin();
      this.isBehind = !this.#advance(this.#other, wanted, until);
      if (this.isBehind) return this.#picture;
      this.#shown = this.#other;
      this.#other = this.#begin();
      this.#forget();
    } else this.isBehind = !this.#advance(this.#shown, wanted, until);
    if (isWhole && !this.isBehind && !this.#isClosed) {
      this.#isClosed = true;
      this.#picture.close();
    }
    this.#prepare(wanted, until);
    return this.#picture;
  }

  /** Whoever goes back once goes back again: the next picture is brought near, while there is time. */
  #prepare(wanted: number, until: number): void {
    const other = this.#other;
    this.isPreparing = other !== null && !this.isBehind && other.folded < wanted - LEAD &&
      !this.#advance(other, wanted - LEAD, until);
  }

  /** @returns Whether it has come there. */
  #advance(fold: Fold, wanted: number, until: number): boolean {
    const { events, droppedCount } = this.log;
    while (fold.folded < wanted) {
      const place = Math.max(fold.folded, droppedCount) - droppedCount;
      const end = Math.min(wanted - droppedCount, place + PIECE);
      for (let at = place; at < end; at++) fold.picture.add(events[at]!);
      fold.folded = droppedCount + end;
      if (fold.folded < wanted && performance.now() > until) return false;
    }
    return true;
  }

  /**
   * The lines of the picture, without what is shut. Those of a long run are made in pieces, one with each frame: until
   * {@linkcode FoldedRun.isStale} is false, they are those of a moment ago.
   */
  get timeline(): Timeline {
    const { version } = this.folding;
    const structure = this.#structureNow;
    if (structure === this.#structure) return this.#timeline;
    // What a person folds is folded at once.
    const isByHand = version !== this.#version;
    if (isByHand || this.#flattening === null) {
      const work = new InPieces(flatten(this.#picture, this.folding, this.mayFold));
      this.#flattening = { structure, work };
    }
    const made = this.#flattening.work.goOn(isByHand ? Infinity : this.#until);
    if (made === undefined) return this.#timeline;
    this.#structure = this.#flattening.structure;
    this.#version = version;
    this.#flattening = null;
    return this.#timeline = made.value;
  }

  /** Whether the lines, or what their times come to, are those of a moment ago. */
  get isStale(): boolean {
    return this.#structure !== this.#structureNow || this.#measuring !== null;
  }

  /** Whether what the lines come to is to be looked for again, soon. */
  get isUnmeasured(): boolean {
    return this.#picture.revision !== this.#measuredRevision;
  }

  get #structureNow(): string {
    return `${this.#picture.structureRevision} ${this.folding.version} ${this.#isClosed}`;
  }

  /** The lines at the top of the picture. */
  get rows(): readonly PictureRow[] {
    return this.#picture.rows;
  }

  /** Opens what the line of an event stands in. */
  reveal(eventId: string): void {
    visitRows(this.#picture.rows, (row) => {
      if (row.kind === "note") return;
      if (row.startEventId === eventId || row.endEventId === eventId) {
        this.folding.reveal(row, row.parent?.children ?? this.#picture.rows);
      }
    });
  }

  /** Why the run failed; null if it did not. It is looked for again when the picture has changed. */
  get failure(): RunFailure | null {
    const { revision } = this.#picture;
    if (this.#failure?.revision !== revision) {
      this.#failure = { revision, failure: failureOf(this.#picture) };
    }
    return this.#failure.failure;
  }

  /** What all lines come to. While the picture changes all the time, it is not looked for all the time. */
  measure(time: RunTime, prices: Prices): Measures {
    const { revision } = this.#picture;
    const isDue = performance.now() - this.#measuredAt >= MEASURE_EVERY_MS;
    if (this.#measuring === null && revision !== this.#measuredRevision && isDue) {
      this.#measuredRevision = revision;
      this.#measuring = new InPieces(this.#measure(time, prices));
    }
    if (this.#measuring?.goOn(this.#until) !== undefined) {
      this.#measuring = null;
      this.#measuredAt = performance.now();
    }
    return { critical: this.#critical, waits: this.#waits, spent: this.#spent };
  }

  *#measure(time: RunTime, prices: Prices): Pieces<void> {
    const { rows } = this.#picture;
    const critical = yield* findCriticalPath(rows, time.endsAt);
    this.#spent = yield* findSpent(rows, prices);
    yield;
    this.#waits = longIdleTimes(rows, { ...time, busySince: time.heardAt });
    this.#critical = critical;
  }

  get #picture(): RunPicture {
    return this.#shown.picture;
  }

  #begin(): Fold {
    const picture = new RunPicture(this.log.runId, LIMITS);
    return { picture, folded: this.log.droppedCount };
  }

  /** Another picture: what was made of the last one is not of this one. */
  #forget(): void {
    this.#isClosed = false;
    this.#failure = null;
    this.#structure = "";
    this.#flattening = null;
    this.#measuring = null;
    this.#measuredRevision = -1;
    this.#measuredAt = -Infinity;
  }
}

/** A picture, and how many events of the log, those that were let go among them, are in it. */
interface Fold {
  readonly picture: RunPicture;
  folded: number;
}

const MEASURE_EVERY_MS = 400;
/** How much of a frame may go into the picture. */
const SLICE_MS = 8;
const MAX_SLICE_MS = 24;
const PIECE = 100;
/** How far behind the place that is shown the next picture is kept. */
const LEAD = 300;
/** More than that is said to be left out. */
const LIMITS = { maxRows: 25_000 };
