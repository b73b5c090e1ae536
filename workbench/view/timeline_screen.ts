/**
 * What the timeline shows.
 *
 * @module
 */
import type { Stretch } from "../../src/view/idle_times.ts";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { Spent } from "../model/row_tokens.ts";
import type { Prices } from "../model/run_cost.ts";
import type { Timeline } from "../model/timeline_rows.ts";

/** What the timeline is drawn from. */
export interface TimelineScreen {
  readonly picture: RunPicture;
  readonly timeline: Timeline;
  readonly critical: ReadonlySet<PictureRow>;
  /** Long waits, in milliseconds since 1970. */
  readonly waits: readonly Stretch[];
  /** What lines cost. */
  readonly spent: ReadonlyMap<PictureRow, Spent>;
  readonly prices: Prices;
  readonly startedAt: number;
  /** The end of the run, or now. */
  readonly endsAt: number;
  readonly isOver: boolean;
  /** Whether more is to come. */
  readonly isMoving: boolean;
  /** The line that is open; -1 if none. */
  readonly selected: number;
}
