/**
 * The picture of the open run at the place that is shown. Going forward adds to it; going back rebuilds it.
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
  #picture: RunPicture;
  /** How many events of the log, those that were let go among them, are in the picture. */
  #folded = 0;
  #isClosed = false;
  #timeline: Timeline = { rows: [], notes: [], newest: -1 };
  #structure = "";
  #failure: { readonly revision: number; readonly failure: RunFailure | null } | null = null;
  #critical: ReadonlySet<PictureRow> = new Set();
  #waits: readonly Stretch[] = [];
  #measuredAt = -Infinity;
  #measuredRevision = -1;

  constructor(log: RunLog) {
    this.log = log;
    this.#picture = new RunPicture(log.runId);
  }

  /** The picture of the first events of the log, so many of them. */
  at(shown: number): RunPicture {
    const { events, droppedCount, closed } = this.log;
    const wanted = droppedCount + shown;
    const isWhole = shown === events.length && closed;
    if (wanted < this.#folded || (this.#isClosed && !isWhole)) this.#reset();
    for (let place = Math.max(this.#folded - droppedCount, 0); place < shown; place++) {
      this.#picture.add(events[place]!);
    }
    this.#folded = wanted;
    if (isWhole && !this.#isClosed) {
      this.#isClosed = true;
      this.#picture.close();
    }
    return this.#picture;
  }

  /** The lines of the picture, without what is shut. */
  get timeline(): Timeline {
    const key = `${this.#picture.structureRevision} ${this.folding.version} ${this.#isClosed}`;
    if (key !== this.#structure) {
      this.#structure = key;
      this.#timeline = timelineOf(this.#picture, this.folding, this.mayFold);
    }
    return this.#timeline;
  }

  /** The lines at the top of the picture. */
  get rows(): readonly PictureRow[] {
    return this.#picture.rows;
  }

  /** Opens what the line of an event stands in. */
  reveal(eventId: string): void {
    visitRows(this.#picture.rows, (row) => {
      if (row.kind === "note") return;
      if (row.startEventId === eventId || row.endEventId === eventId) this.folding.reveal(row);
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
    const now = performance.now();
    if (revision !== this.#measuredRevision && now - this.#measuredAt > MEASURE_EVERY_MS) {
      this.#measuredRevision = revision;
      this.#measuredAt = now;
      this.#critical = criticalPath(this.#picture.rows, time.endsAt);
      this.#waits = longIdleTimes(this.#picture.rows, { ...time, busySince: time.heardAt });
    }
    return { critical: this.#critical, waits: this.#waits };
  }

  #reset(): void {
    this.#picture = new RunPicture(this.log.runId);
    this.#folded = this.log.droppedCount;
    this.#isClosed = false;
    this.#failure = null;
    this.#structure = "";
    this.#measuredRevision = -1;
    this.#measuredAt = -Infinity;
  }
}

const MEASURE_EVERY_MS = 400;
