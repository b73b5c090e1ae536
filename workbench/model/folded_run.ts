/**
 * The picture of the open run at the place that is shown. Going forward adds to it; going back makes it anew.
 *
 * @module
 */
import type { PictureRow } from "../../src/view/picture_rows.ts";
import { RunPicture } from "../../src/view/run_picture.ts";
import { criticalPath } from "./critical_path.ts";
import type { RunLog } from "./run_log.ts";
import { type Timeline, timelineOf } from "./timeline_rows.ts";

/** A picture that follows a log. */
export class FoldedRun {
  readonly log: RunLog;
  #picture: RunPicture;
  /** How many events of the log, those that were let go among them, are in the picture. */
  #folded = 0;
  #isClosed = false;
  #timeline: Timeline = { rows: [], notes: [] };
  #structure = -1;
  #critical: ReadonlySet<PictureRow> = new Set();
  #criticalAt = -Infinity;
  #criticalRevision = -1;

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

  /** The lines of the picture. */
  get timeline(): Timeline {
    if (this.#picture.structureRevision !== this.#structure) {
      this.#structure = this.#picture.structureRevision;
      this.#timeline = timelineOf(this.#picture);
    }
    return this.#timeline;
  }

  /** The lines on the critical path. While the picture changes all the time, it is not looked for all the time. */
  critical(end: number): ReadonlySet<PictureRow> {
    const { revision } = this.#picture;
    const now = performance.now();
    if (revision !== this.#criticalRevision && now - this.#criticalAt > CRITICAL_EVERY_MS) {
      this.#criticalRevision = revision;
      this.#criticalAt = now;
      this.#critical = criticalPath(this.#picture.rows, end);
    }
    return this.#critical;
  }

  #reset(): void {
    this.#picture = new RunPicture(this.log.runId);
    this.#folded = this.log.droppedCount;
    this.#isClosed = false;
    this.#structure = this.#criticalRevision = -1;
    this.#criticalAt = -Infinity;
  }
}

const CRITICAL_EVERY_MS = 400;
