/**
 * A clock that a test moves: timers and `performance.now()` of this process, so that nothing is waited for.
 *
 * @module
 */

/** A clock that stands still until it is moved. */
export interface VirtualClock {
  /** Moves on, and runs what is due on the way, in its order. */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

/** Calls `fn` under a virtual clock, and puts the real one back. */
export async function withVirtualClock<T>(fn: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const real = { setTimeout, clearTimeout };
  const realNow = performance.now;
  let now = 0;
  let lastId = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  Object.assign(globalThis, {
    setTimeout(run: () => void, ms = 0) {
      timers.set(++lastId, { at: now + Math.max(ms, 0), run });
      return lastId;
    },
    clearTimeout: (id: number) => void timers.delete(id),
  });
  Object.defineProperty(performance, "now", {
    value: () => now,
    configurable: true,
    writable: true,
  });
  try {
    return await fn({
      get waiting() {
        return timers.size;
      },
      async advance(ms) {
        const until = now + ms;
        while (true) {
          // What waits for a promise may set the next timer.
          for (let turns = 0; turns < 20; turns++) await Promise.resolve();
          const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
          if (next === undefined || next[1].at > until) break;
          timers.delete(next[0]);
          now = next[1].at;
          next[1].run();
        }
        now = until;
      },
    });
  } finally {
    Object.assign(globalThis, real);
    Object.defineProperty(performance, "now", {
      value: realNow,
      configurable: true,
      writable: true,
    });
  }
}
