/**
 * Plays without waiting, and the same way each time: timers go off one after the other, as soon as nothing else can
 * happen, and what is random comes of a seed.
 *
 * @module
 */

/**
 * Calls `act` while the timers and the randomness of this process are replaced, and gives them back.
 *
 * @throws {Error} If it waits for something that no timer leads to.
 */
export async function inVirtualTime<T>(seed: number, act: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout, setImmediate } = globalThis;
  const { random } = Math;
  const realNow = performance.now;
  const timers = new Timers();
  Object.assign(globalThis, {
    setTimeout: timers.set,
    clearTimeout: timers.clear,
    setImmediate: (run: () => void) => timers.set(run),
  });
  Math.random = randomOf(seed);
  setNow(() => timers.now);
  try {
    let isSettled = false;
    const settle = () => void (isSettled = true);
    const acting = act();
    acting.then(settle, settle);
    for (await drain(); !isSettled; await drain()) timers.fireNext();
    return await acting;
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
    Math.random = random;
    setNow(realNow);
  }
}

/** How many steps what is under way may take before the next timer: some more only mean another order. */
const MAX_STEPS = 100;

async function drain(): Promise<void> {
  for (let steps = 0; steps < MAX_STEPS; steps++) await null;
}

function setNow(value: () => number): void {
  Object.defineProperty(performance, "now", { value, configurable: true, writable: true });
}

class Timers {
  now = 0;
  readonly #timers: Map<number, { readonly at: number; readonly run: () => void }> = new Map();
  #ids = 0;

  readonly set = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): number => {
    this.#timers.set(++this.#ids, { at: this.now + Math.max(0, ms), run: () => run(...args) });
    return this.#ids;
  };

  readonly clear = (id: number): void => void this.#timers.delete(id);

  fireNext(): void {
    let next = 0;
    let at = Infinity;
    for (const [id, timer] of this.#timers) if (timer.at < at) ({ at } = timer), next = id;
    if (next === 0) throw new Error("Nothing will ever happen: no timer is set");
    const { run } = this.#timers.get(next)!;
    this.#timers.delete(next);
    this.now = at;
    run();
  }
}

/** Numbers from 0 to 1 that look random, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
