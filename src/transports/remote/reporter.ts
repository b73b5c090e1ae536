import type { BusErrorContext } from "../../core/event_bus_options.ts";
import { describe } from "../../core/options.ts";

/** Tells the user's `onError` what went wrong, and cannot be made to fail by it. */
export class Reporter {
  readonly #onError: (error: Error, context: BusErrorContext) => void;
  #isReporting = false;
  #quietUntil = 0;

  constructor(onError: (error: Error, context: BusErrorContext) => void) {
    this.#onError = onError;
  }

  /** Something was refused. */
  report(error: Error): void {
    // What telling of an error leads to is not told: that might never end.
    if (this.#isReporting) return;
    this.#isReporting = true;
    try {
      const told: unknown = this.#onError(error, { stage: "publish" });
      Promise.resolve(told).catch(() => {});
    } catch {
      // Nobody is left to tell.
    } finally {
      this.#isReporting = false;
    }
  }

  /** The store, or what it holds, failed. One word about an outage, not one for everything that waits for its end. */
  readonly reportFailure = (error: unknown): void => {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + 1_000;
    this.report(
      error instanceof Error ? error : new Error(`The store failed: ${describe(error)}`),
    );
  };
}
