/**
 * How much of a run is shown: all of it as it comes, or a part that a person chose or plays back.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { eventTime } from "../../src/view/event_time.ts";

/** `live`: everything there is. `paused`: what was there then. `playing`: more and more, at a speed. */
export type PlaybackMode = "live" | "paused" | "playing";

/** The speeds to choose from. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 64] as const;

/** A position among the events of a run. */
export class Playback {
  mode: PlaybackMode = "live";
  speed: number = 1;
  #position = 0;
  /** The moment of the run that playing has come to, in milliseconds since 1970. */
  #playTime = 0;

  /** How many events are shown, of those that there are. */
  shown(events: readonly StreamEvent[]): number {
    return this.mode === "live" ? events.length : Math.min(this.#position, events.length);
  }

  /** The moment that is shown while playing; null else. */
  get playTime(): number | null {
    return this.mode === "playing" ? this.#playTime : null;
  }

  /** Shows everything again. */
  goLive(): void {
    this.mode = "live";
  }

  /** Stays at the given place. */
  seek(position: number): void {
    this.mode = "paused";
    this.#position = Math.max(0, position);
  }

  /** Plays on from a place. */
  play(events: readonly StreamEvent[], position: number): void {
    this.#position = position < events.length ? position : 0;
    this.#playTime = timeAt(events, this.#position - 1);
    this.mode = "playing";
  }

  /** Another speed: the next one up or down. */
  changeSpeed(by: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed === this.speed);
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))]!;
  }

  /** Time has passed while playing. `isOver`: nothing follows the events that there are. */
  advance(events: readonly StreamEvent[], passedMs: number, isOver: boolean): void {
    if (this.mode !== "playing") return;
    this.#playTime += passedMs * this.speed;
    while (this.#position < events.length) {
      // A gap has no time of its own: it comes with the event before it.
      if ((eventTime(events[this.#position]!) ?? 0) > this.#playTime) return;
      this.#position++;
    }
    // It has caught up.
    this.mode = isOver ? "paused" : "live";
  }

  /** The oldest events were let go. */
  shift(count: number): void {
    this.#position = Math.max(0, this.#position - count);
  }
}

/** When the event at a place happened, or else the nearest one before it, or after it. */
function timeAt(events: readonly StreamEvent[], place: number): number {
  for (let at = place; at >= 0; at--) {
    const time = eventTime(events[at]!);
    if (time !== null) return time;
  }
  for (let at = place + 1; at < events.length; at++) {
    const time = eventTime(events[at]!);
    if (time !== null) return time;
  }
  return 0;
}
