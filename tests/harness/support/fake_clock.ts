/** A clock that stands still until it is moved, and the timers that go by it. */
export interface FakeClock {
  /** Milliseconds since it was installed. */
  readonly now: number;
  /** How many timers are set. */
  readonly pending: number;
  /** Moves the clock, but calls no timer: as for a machine that sleeps. */
  sleep(ms: number): void;
  /** Moves the clock from timer to timer, calling each, until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** Moves the clock by so much, calling the timers on the way. */
  pass(ms: number): Promise<void>;
  /** Gives the real clock back. */
  restore(): void;
}

interface Timer {
  at: number;
  everyMs: number | null;
  run: () => void;
}

/** Replaces the clock and the timers of this process, all but those that the runtime itself uses. */
export function installFakeClock(): FakeClock {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval };
  const dateNow = Date.now;
  const performanceNow = performance.now;
  const start = Date.now();
  const timers = new Map<number, Timer>();
  let now = 0;
  let ids = 0;
  const set = (everyMs: (ms: number) => number | null) =>
  (
    run: (...args: unknown[]) => void,
    ms = 0,
    ...args: unknown[]
  ) => {
    const id = ++ids;
    // Over the longest time, a real one goes off at once, too.
    const delayMs = ms > 2 ** 31 - 1 ? 1 : Math.max(0, ms);
    timers.set(id, { at: now + delayMs, everyMs: everyMs(delayMs), run: () => run(...args) });
    return id;
  };
  const clear = (id: number) => void timers.delete(id);
  Object.assign(globalThis, {
    setTimeout: set(() => null),
    setInterval: set((ms) => Math.max(1, ms)),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Date.now = () => start + now;
  performance.now = () => now;

  /** Lets everything happen that needs no time. */
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) {
      await new Promise((resolve) => real.setTimeout(resolve, 0));
    }
  }

  function fireNext(): void {
    const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
    if (next === undefined) throw new Error("Nothing will ever happen: no timer is set");
    const [id, timer] = next;
    now = Math.max(now, timer.at);
    if (timer.everyMs === null) timers.delete(id);
    else timer.at = now + timer.everyMs;
    timer.run();
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = () => void (isSettled = true);
    promise.then(settled, settled);
    for (await settle(); !isSettled; await settle()) fireNext();
    return await promise;
  }

  return {
    get now() {
      return now;
    },
    get pending() {
      return timers.size;
    },
    sleep: (ms) => void (now += ms),
    run,
    pass: (ms) => run(new Promise((resolve) => void setTimeout(resolve, ms))),
    restore() {
      Object.assign(globalThis, real);
      Date.now = dateNow;
      performance.now = performanceNow;
    },
  };
}
