/**
 * Work that would stop the page if it were done at once: a generator that yields wherever it may be interrupted.
 *
 * @module
 */

/** Work that gives a `T` in the end. */
export type Pieces<T> = Generator<void, T>;

/** Does all of it now. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does it a piece at a time, by calls of {@linkcode InPieces.goOn}. */
export class InPieces<T> {
  readonly #work: Pieces<T>;

  constructor(work: Pieces<T>) {
    this.#work = work;
  }

  /** Goes on until a moment of `performance.now()`, one piece at least. @returns The result; undefined while it is not done. */
  goOn(until: number): { readonly value: T } | undefined {
    do {
      const { done, value } = this.#work.next();
      if (done) return { value };
    } while (performance.now() < until);
  }
}

/** How many lines are a piece: looking at the clock costs as much as a line. */
export const PIECE_LINES = 250;
