/**
 * The open run as it is to be drawn now: what has arrived, as far as the playback shows it.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { Feed } from "../feed.ts";
import { FilteredEvents } from "./filtered_events.ts";
import { FoldedRun } from "./folded_run.ts";
import { Playback } from "./playback.ts";
import type { RunLog } from "./run_log.ts";

/** What is shown of the open run. */
export interface Shown {
  readonly log: RunLog;
  readonly folded: FoldedRun;
  readonly picture: RunPicture;
  readonly events: readonly StreamEvent[];
  /** How many of them are shown. */
  readonly count: number;
  readonly startedAt: number;
  /** The end of what is shown, or now. */
  readonly endsAt: number;
  /** While it goes on: when it was last heard of. */
  readonly heardAt: number | null;
  /** Whether all of it is shown, and nothing more is to come. */
  readonly isOver: boolean;
  /** Whether more of it is to be shown. */
  readonly isMoving: boolean;
}

/** Follows the open run. */
export class ShownRun {
  readonly playback = new Playback();
  readonly filtered = new FilteredEvents();
  folded: FoldedRun | null = null;
  readonly #feed: Feed;
  #dropped = 0;
  #known = { eventId: "", place: -1 };

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** The events of the open run. */
  get events(): readonly StreamEvent[] {
    return this.#feed.log?.events ?? [];
  }

  /** Whether nothing more is expected of the open run. */
  get isOver(): boolean {
    const { log, list } = this.#feed;
    if (log === null) return false;
    const state = list.get(log.runId)?.state;
    return log.closed || list.isForgotten(log.runId) ||
      (state !== undefined && state !== "running" && state !== "waiting");
  }

  /** Where an event is; -1 if it is not there. */
  placeOf(eventId: string | null): number {
    if (eventId === null) return -1;
    const { events } = this;
    // The selection is looked up with every frame, and the same one again and again.
    if (this.#known.eventId === eventId && events[this.#known.place]?.event_id === eventId) {
      return this.#known.place;
    }
    const place = events.findLastIndex((event) => event.event_id === eventId);
    if (place >= 0) this.#known = { eventId, place };
    return place;
  }

  /** What is to be drawn `passedMs` after the last time; `now` is the server's time, as far as it is known. */
  advance(passedMs: number, now: number, filter: string): Shown | null {
    const { log, list } = this.#feed;
    if (log === null) return null;
    const { events } = log;
    const folded = this.#follow(log);
    this.playback.advance(events, passedMs, this.isOver);
    const count = this.playback.shown(events);
    const picture = folded.at(count);
    this.filtered.update(events, count, filter, performance.now() + FILTER_MS);
    const { state, started_at: start, updated_at: latest } = picture.summary;
    // The server has counted from the start, even if its history no longer has it.
    const startedAt = earliest(start, list.get(log.runId)?.started_at) ?? now;
    const lastAt = earliest(latest) ?? startedAt;
    const isLive = this.playback.mode === "live";
    const isOver = isLive && this.isOver;
    const { playTime } = this.playback;
    const isMoving = playTime !== null || (isLive && !isOver);
    const goesOn = isMoving && state === "running";
    const endsAt = playTime ??
      (goesOn ? Math.max(now, lastAt) : picture.endedAt ?? lastAt);
    return {
      log,
      folded,
      picture,
      events,
      count,
      startedAt,
      endsAt: Math.max(endsAt, startedAt),
      heardAt: goesOn ? lastAt : null,
      isOver,
      isMoving,
    };
  }

  #follow(log: RunLog): FoldedRun {
    if (this.folded?.log !== log) {
      this.folded = new FoldedRun(log);
      this.#dropped = log.droppedCount;
    }
    if (log.droppedCount !== this.#dropped) {
      this.playback.shift(log.droppedCount - this.#dropped);
      this.filtered.reset();
      this.#dropped = log.droppedCount;
    }
    return this.folded;
  }
}

/** The earliest of some moments; null if none is known. */
function earliest(...timestamps: (string | null | undefined)[]): number | null {
  const times = timestamps.map((timestamp) => Date.parse(timestamp ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? null : Math.min(...times);
}

/** How much of a frame may go into the filter. */
const FILTER_MS = 8;
