/**
 * Lets at most `limit` tasks run at the same time; the others wait, first come, first served.
 *
 * Not `pooledMap` of `@std/async`: that hands out results only in the order of its input, and is left
 * with a rejected promise when its consumer leaves early.
 */
export class Limiter {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The place goes straight to the next in line, so that no other call can take it in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
