import { setTimeout as delay } from "node:timers/promises";

/** The clock of a replay: how late it is in the run, and when its events are due. */
export class Pace {
  readonly #speed: number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  #runStart: number | null = null;
  #start = 0;

  /** `wait` resolves after so many milliseconds, or when the signal is aborted. */
  constructor(speed: number, wait: (ms: number, signal: AbortSignal) => Promise<void> = pause) {
    this.#speed = speed;
    this.#wait = wait;
  }

  /** The time in the run, in milliseconds since 1970. */
  readonly now = (): number =>
    this.#runStart === null
      ? Date.now()
      : this.#runStart + (performance.now() - this.#start) * this.#speed;

  /** Waits until an event of `time` is due. The first is due at once, and so is one without a time: null. */
  async until(time: number | null, signal: AbortSignal): Promise<void> {
    if (time === null) return;
    if (this.#runStart === null) {
      this.#runStart = time;
      this.#start = performance.now();
    }
    for (;;) {
      const waitMs = (time - this.now()) / this.#speed;
      if (waitMs < 1 || signal.aborted) return;
      // Timers hold no more than 24 days.
      await this.#wait(Math.min(waitMs, 86_400_000), signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {});
}
