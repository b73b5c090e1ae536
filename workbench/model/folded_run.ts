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
import { criticalPath } from "./critical_path.ts";
import { Folding } from "./folding.ts";
import type { RunLog } from "./run_log.ts";
import { type Timeline, timelineOf } from "./timeline_rows.ts";

/** When a run is from, as far as it is shown, in milliseconds since 1970. */
export interface RunTime {
  readonly startedAt: number;
  readonly endsAt: number;
  /** While it goes on: when it was last heard of. */
  readonly heardAt: number | null;
}

/** What the times of all lines come to. */
export interface Measures {
  /** The lines on the critical path. */
  readonly critical: ReadonlySet<PictureRow>;
  /** The waits that are long enough to be folded. */
  readonly waits: readonly Stretch[];
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
  readonly #pace = new Pace();
  readonly #measurePace = new Pace();
  /** Whether the lines are those of a moment ago. */
  isStale = false;
  #failure: { readonly revision: number; readonly failure: RunFailure | null } | null = null;
  #critical: ReadonlySet<PictureRow> = new Set();
  #waits: readonly Stretch[] = [];
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

  /** The lines of the picture, without what is shut. */
  get timeline(): Timeline {
    const { version } = this.folding;
    const key = `${this.#picture.structureRevision} ${version} ${this.#isClosed}`;
    if (key === this.#structure) return this.#timeline;
    // What a person folds is folded at once. What comes may wait: making the lines takes its time in a long run.
    const isDue = version !== this.#version || this.#pace.isDue(FRAME_SHARE);
    this.isStale = !isDue;
    if (!isDue) return this.#timeline;
    this.#structure = key;
    this.#version = version;
    return this.#timeline = this.#pace.measure(() =>
      timelineOf(this.#picture, this.folding, this.mayFold)
    );
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

  /** What the times of all lines come to. While the picture changes all the time, it is not looked for all the time. */
  measure(time: RunTime): Measures {
    const { revision } = this.#picture;
    const pace = this.#measurePace;
    if (revision !== this.#measuredRevision && pace.isDue(MEASURE_SHARE, MEASURE_EVERY_MS)) {
      this.#measuredRevision = revision;
      pace.measure(() => {
        this.#critical = criticalPath(this.#picture.rows, time.endsAt);
        this.#waits = longIdleTimes(this.#picture.rows, { ...time, busySince: time.heardAt });
      });
    }
    return { critical: this.#critical, waits: this.#waits };
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
    this.#measuredRevision = -1;
    this.#pace.forget();
    this.#measurePace.forget();
  }
}

/** How often something is done whose cost grows with the run: it gets a share of the time, whatever it costs. */
class Pace {
  #at = -Infinity;
  #cost = 0;

  /** @param share How much of the time it may take. @param leastMs How long to wait at least. */
  isDue(share: number, leastMs = 0): boolean {
    return performance.now() - this.#at >= Math.max(leastMs, this.#cost / share);
  }

  measure<T>(work: () => T): T {
    const start = performance.now();
    const result = work();
    this.#at = performance.now();
    this.#cost = this.#at - start;
    // What costs next to nothing is done each time.
    if (this.#cost < 1) this.#cost = 0;
    return result;
  }

  /** It is done again at once. */
  forget(): void {
    this.#at = -Infinity;
  }
}

/** A picture, and how many events of the log, those that were let go among them, are in it. */
interface Fold {
  readonly picture: RunPicture;
  folded: number;
}

const MEASURE_EVERY_MS = 400;
const MEASURE_SHARE = 0.05;
const FRAME_SHARE = 0.2;
/** How much of a frame may go into the picture. */
const SLICE_MS = 8;
const MAX_SLICE_MS = 100;
const PIECE = 200;
/** How far behind the place that is shown the next picture is kept. */
const LEAD = 300;
/** More than that is said to be left out. */
const LIMITS = { maxRows: 25_000 };
