import type { BusErrorContext } from "../../core/bus/event_bus_options.ts";
import { describe } from "../../core/options.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { isError } from "../../runtime/realm.ts";

/** Tells the user's `onError` what went wrong, and cannot be made to fail by it. */
export class Reporter {
  readonly #onError: (error: Error, context: BusErrorContext) => void;
  #isReporting = false;
  #quietUntil = 0;

  constructor(onError: (error: Error, context: BusErrorContext) => void) {
    this.#onError = onError;
  }

  /** Something was refused. */
  report(error: Error, stage: BusErrorContext["stage"] = "publish"): void {
    // What telling of an error leads to is not told: that might never end.
    if (this.#isReporting) return;
    this.#isReporting = true;
    try {
      dropRejection(this.#onError(error, { stage }));
    } catch {
      // There is nowhere left to report it.
    } finally {
      this.#isReporting = false;
    }
  }

  /** The store, or what it holds, failed. One word about an outage, not one for everything that waits for its end. */
  readonly reportFailure = (error: unknown): void => {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + 1_000;
    this.report(asError(error));
  };
}

/** What a store rejected with, as it can be reported. */
export function asError(error: unknown): Error {
  return isError(error) ? error : new Error(`The store failed: ${describe(error)}`);
}
