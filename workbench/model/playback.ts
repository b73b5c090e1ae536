/**
 * How much of a run is shown: all of it as it comes, or a part that a person chose or plays back.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";

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
    const from = events[this.#position === 0 ? 0 : this.#position - 1];
    this.#playTime = from === undefined ? 0 : Date.parse(from.timestamp);
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
      if (Date.parse(events[this.#position]!.timestamp) > this.#playTime) return;
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
