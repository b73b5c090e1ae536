import type { BusErrorContext } from "../../core/bus/event_bus_options.ts";
import { Reporter as CoreReporter } from "../../core/bus/reporter.ts";
import { describe } from "../../core/options.ts";
import { isError } from "../../runtime/realm.ts";

/** Tells the user's `onError` what went wrong, and cannot be made to fail by it. */
export class Reporter extends CoreReporter<BusErrorContext> {
  #quietUntil = 0;

  override report(error: Error, context: BusErrorContext = { stage: "publish" }): void {
    super.report(error, context);
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
