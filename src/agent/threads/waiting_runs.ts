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
   * The run that waits for `id`, or the only one that waits. It stays until it is claimed: nobody may ever ask for the
   * events of what goes on with it.
   *
   * @throws {InterruptError} If there is none, or the choice is not clear.
   */
  find(id: string | undefined): WaitingRun & { readonly interruptId: string } {
    const key = id ?? this.#onlyId();
    const run = this.#runs.get(key);
    if (run === undefined) throw nobodyWaits(key);
    return { ...run, interruptId: key };
  }

  /** The same for a thread, if its run is here because it could not be saved. */
  findUnsaved(
    threadId: string,
    id: string | undefined,
  ): WaitingRun & { readonly interruptId: string } | null {
    for (const [key, run] of this.#runs) {
      const fits = run.threadId === threadId && (id === undefined || id === key);
      if (fits && run.paused !== null) return this.find(key);
    }
    return null;
  }

  /** Takes a run out of here, to go on with it. @throws {InterruptError} If somebody else has. */
  claim(id: string): void {
    if (!this.#runs.delete(id)) throw nobodyWaits(id);
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

function nobodyWaits(id: string): InterruptError {
  return new InterruptError(
    `Cannot resume: no run of this agent waits for interrupt ${describe(id)}${IN_A_THREAD}`,
  );
}

const IN_A_THREAD = '; if another agent was asked, in a thread, say which with "threadId"';
const MAX_PAUSED_RUNS = 1000;
