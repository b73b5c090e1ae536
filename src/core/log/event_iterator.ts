/** Options of iterating a {@linkcode Subscription}. */
export interface IterateOptions {
  /**
   * Leaving the loop keeps the subscription, so that it can be read on.
   *
   * @default {false}
   */
  preventCancel?: boolean;
}

/**
 * Iterates a subscription: with `for await`, or with `next()`. `return()` leaves, and cancels the
 * subscription unless `preventCancel` is set.
 */
// Not `ReadableStreamAsyncIterator`: only the library "dom.asynciterable" has that name, and without it
// TypeScript silently takes every event for `any`.
export interface EventIterator<T> extends AsyncIteratorObject<T, undefined, unknown> {
  /** The next value, or the end. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): EventIterator<T>;
}
