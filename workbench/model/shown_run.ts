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
  /** Whether all of it is shown, and nothing more is to come. */
  readonly isOver: boolean;
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

  /** What is to be drawn `passedMs` after the last time; `now` is the server's time. */
  advance(passedMs: number, now: number, filter: string): Shown | null {
    const { log, state } = this.#feed;
    if (log === null) return null;
    const { events } = log;
    const folded = this.#follow(log);
    this.playback.advance(events, passedMs, this.isOver);
    const count = this.playback.shown(events);
    const picture = folded.at(count);
    this.filtered.update(events, count, filter);
    const startedAt = picture.startedAt ?? now;
    const lastAt = count === 0 ? startedAt : Date.parse(events[count - 1]!.timestamp);
    const isLive = this.playback.mode === "live";
    const isOver = isLive && this.isOver;
    const goesOn = isLive && !isOver && picture.summary.state === "running" &&
      state.kind === "live";
    const endsAt = this.playback.playTime ??
      (goesOn ? Math.max(now, lastAt) : picture.endedAt ?? lastAt);
    return {
      log,
      folded,
      picture,
      events,
      count,
      startedAt,
      endsAt: Math.max(endsAt, startedAt),
      isOver,
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
