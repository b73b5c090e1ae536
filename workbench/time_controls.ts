/**
 * The controls of time: pause, step, play, and how fast.
 *
 * @module
 */
import { SPEEDS } from "./model/playback.ts";
import type { Subject } from "./subject.ts";

/** What a person can do with the time of the open run. */
export abstract class TimeControls {
  readonly #subject: Subject;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  pause(): void {
    const { shown } = this.#subject;
    const { playback, events, isOver } = shown;
    const count = playback.shown(events);
    if (playback.mode === "playing") playback.seek(count);
    else if (playback.mode === "live" && !isOver) playback.seek(events.length);
    else if (count < events.length && !isOver) playback.goLive();
    else playback.play(events, count);
    this.#subject.redraw();
  }

  step(by: number): void {
    const { playback, events } = this.#subject.shown;
    this.seek(Math.min(playback.shown(events) + by, events.length));
  }

  seek(position: number): void {
    this.#subject.shown.playback.seek(position);
    this.follow();
  }

  replay(): void {
    const { playback, events } = this.#subject.shown;
    playback.play(events, 0);
    this.follow();
  }

  live(): void {
    this.#subject.shown.playback.goLive();
    this.follow();
  }

  speed(): void {
    const { playback } = this.#subject.shown;
    const at = SPEEDS.findIndex((speed) => speed === playback.speed);
    playback.speed = SPEEDS[(at + 1) % SPEEDS.length]!;
    this.#subject.redraw();
  }

  changeSpeed(by: 1 | -1): void {
    this.#subject.shown.playback.changeSpeed(by);
    this.#subject.redraw();
  }

  /** Keeps the newest of what is shown in sight. */
  protected abstract follow(): void;
}
