/** A run that waits for a person, and how it is found again. */

import { describe } from "../../core/options.ts";
import { InterruptError } from "../state/errors.ts";
import type { PausedRun } from "../loop/run_persistence.ts";

/** Where a run is that waits for a person: here, or in the thread that it belongs to. */
export type WaitingRun =
  | { readonly paused: PausedRun; readonly threadId: string | null }
  | { readonly paused: null; readonly threadId: string };

/** The runs of one agent that wait for a person, oldest first. */
export class WaitingRuns {
  readonly #runs = new Map<string, WaitingRun>();

  add(id: string, run: WaitingRun): void {
    this.#runs.set(id, run);
    // Whoever is asked may never answer; without a bound each such run would be held for good.
    if (this.#runs.size > MAX_PAUSED_RUNS) this.forget(this.#runs.keys().next().value!);
  }

  /** The run that waits for `id` here; null if there is none. It stays. */
  look(id: string): PausedRun | null {
    return this.#runs.get(id)?.paused ?? null;
  }

  /** Its question is answered, or will never be. */
  forget(id: string): void {
    this.#runs.delete(id);
  }

  /**
   * The run that waits for `id`, or the only one that waits. A run in memory is removed. For a run in a thread, the
   * caller must still claim it there.
   *
   * @throws {InterruptError} If there is none, or the choice is not clear.
   */
  take(id: string | undefined): WaitingRun & { readonly interruptId: string } {
    const key = id ?? this.#onlyId();
    const run = this.#runs.get(key);
    if (run === undefined) {
      throw new InterruptError(
        `Cannot resume: no run of this agent waits for interrupt ${describe(key)}${IN_A_THREAD}`,
      );
    }
    if (run.paused !== null) this.forget(key);
    return { ...run, interruptId: key };
  }

  /** The same for a thread, if its run is here because it could not be saved. */
  takeUnsaved(
    threadId: string,
    id: string | undefined,
  ): WaitingRun & { readonly interruptId: string } | null {
    for (const [key, run] of this.#runs) {
      const fits = run.threadId === threadId && (id === undefined || id === key);
      if (fits && run.paused !== null) return this.take(key);
    }
    return null;
  }

  #onlyId(): string {
    const [id, another] = this.#runs.keys();
    if (id === undefined) {
      throw new InterruptError(
        `Cannot resume: no run of this agent waits for an answer${IN_A_THREAD}`,
      );
    }
    if (another !== undefined) {
      throw new InterruptError(
        `Cannot resume: ${this.#runs.size} runs of this agent wait for an answer; ` +
          `say which with "interruptId"`,
      );
    }
    return id;
  }
}

const IN_A_THREAD = '; if another agent was asked, in a thread, say which with "threadId"';
const MAX_PAUSED_RUNS = 1000;
