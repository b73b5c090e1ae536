import { nextTurn } from "../../runtime/next_turn.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { summary } from "../describe.ts";
import { isError } from "../../runtime/realm.ts";

/**
 * Calls a user's `onError`. It never fails because of it, and never loops: errors during a call are not reported, and
 * neither is anything after a thousand reports within one turn of the event loop.
 */
export class Reporter<C> {
  readonly #onError: (error: Error, context: C) => unknown;
  #isReporting = false;
  #reports = 0;

  constructor(onError: (error: Error, context: C) => unknown) {
    this.#onError = onError;
  }

  report(error: Error, context: C): void {
    if (this.#isReporting || this.#reports >= MAX_REPORTS) return;
    if (this.#reports++ === 0) void nextTurn().then(() => this.#reports = 0);
    this.#isReporting = true;
    try {
      dropRejection(this.#onError(error, context));
    } catch {
      // An error of `onError` has no place to go.
    } finally {
      this.#isReporting = false;
    }
  }
}

const MAX_REPORTS = 1_000;

/** What `who` threw, as an error. */
export function toError(thrown: unknown, who: string): Error {
  try {
    if (isError(thrown)) return thrown;
  } catch { /* a proxy that does not say what it is */ }
  return new Error(`${who} threw ${summary(thrown)}`);
}
