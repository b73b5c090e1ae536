import type { RunHandle } from "./run_handle.ts";

/** The runs of one agent that are under way. */
export class ActiveRuns {
  readonly #runs = new Set<RunHandle>();
  #cancelNext = false;

  add(run: RunHandle): void {
    this.#runs.add(run);
    if (!this.#cancelNext) return;
    this.#cancelNext = false;
    cancel(run);
  }

  delete(run: RunHandle): void {
    this.#runs.delete(run);
  }

  /** Cancels all; if there are none, the next one, so that a cancel a moment too early is not lost. */
  cancelAll(): void {
    this.#cancelNext = this.#runs.size === 0;
    for (const run of this.#runs) cancel(run);
  }

  /** Whether a cancel was asked for that is not carried out yet. */
  get cancelled(): boolean {
    return this.#cancelNext || [...this.#runs].some((run) => run.signal.aborted);
  }
}

function cancel(run: RunHandle): void {
  run.cancel(new DOMException("The run was cancelled", "AbortError"));
}
