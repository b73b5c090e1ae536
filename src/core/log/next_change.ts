/**
 * The next change of a log, as one promise for all who wait for it. A caller that waits with `then` continues in its own
 * async context, which handlers need.
 */
export class NextChange {
  #promise: Promise<void> | null = null;
  #resolve: () => void = () => {};
  #waiters = 0;
  #leavers = 0;

  wait(): Promise<void> {
    this.#waiters++;
    return this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /**
   * Notes that a caller of {@linkcode wait} left. A promise cannot drop its reactions, so once most callers have left, it is
   * resolved early, and the others call again.
   */
  leave(): void {
    this.#leavers++;
    if (this.#leavers >= 64 && this.#leavers * 2 >= this.#waiters) this.tell();
  }

  tell(): void {
    if (this.#promise === null) return;
    this.#promise = null;
    this.#resolve();
    this.#waiters = this.#leavers = 0;
  }
}
