/** A clock that can leap. */

/** The clock of this process, which can leap, and then calls the far timers that are due; all others are the real ones. */
export class LeapingClock {
  readonly #real = { setTimeout, clearTimeout, now: performance.now };
  readonly #far = new Map<number, { readonly at: number; readonly run: () => void }>();
  #leapt = 0;
  #ids = 0;

  constructor() {
    const { setTimeout, clearTimeout, now } = this.#real;
    performance.now = () => now.call(performance) + this.#leapt;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0, ...args: unknown[]) => {
        if (ms < FAR_MS) return setTimeout(run, ms, ...args);
        // No timer of the runtime has a number below zero.
        this.#far.set(--this.#ids, { at: performance.now() + ms, run });
        return this.#ids;
      },
      clearTimeout: (id: number) => void (this.#far.delete(id) || clearTimeout(id)),
    });
  }

  leap(ms: number): void {
    this.#leapt += ms;
    for (const [id, { at, run }] of this.#far) {
      if (at <= performance.now() && this.#far.delete(id)) run();
    }
  }

  restore(): void {
    const { now, ...timers } = this.#real;
    performance.now = now;
    Object.assign(globalThis, timers);
  }
}

const FAR_MS = 60_000;
