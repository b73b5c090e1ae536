import { setTimeout as delay } from "node:timers/promises";

/** The clock of a replay: how late it is in the run, and when its events are due. */
export class Pace {
  readonly #speed: number;
  #runStart: number | null = null;
  #start = 0;

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** The time in the run, in milliseconds since 1970. */
  readonly now = (): number =>
    this.#runStart === null
      ? Date.now()
      : this.#runStart + (performance.now() - this.#start) * this.#speed;

  /** Waits until what happened at `time` is due. The first asks for no waiting. */
  async until(time: number, signal: AbortSignal): Promise<void> {
    if (this.#runStart === null) {
      this.#runStart = time;
      this.#start = performance.now();
    }
    for (;;) {
      const waitMs = (time - this.now()) / this.#speed;
      if (waitMs < 1 || signal.aborted) return;
      // Timers hold no more than 24 days.
      await delay(Math.min(waitMs, 86_400_000), undefined, { signal }).catch(() => {});
    }
  }
}
