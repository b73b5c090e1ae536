/** The runs of one agent that are under way. */
export class ActiveRuns {
  /** What stops each of them. */
  readonly #stops = new Set<AbortController>();
  #cancelNext = false;

  /** Notes a run. @returns Forgets it. */
  add(stop: AbortController): () => void {
    this.#stops.add(stop);
    if (this.#cancelNext) {
      this.#cancelNext = false;
      cancel(stop);
    }
    return () => void this.#stops.delete(stop);
  }

  /** Cancels all; if there are none, the next one, so that a cancel a moment too early is not lost. */
  cancelAll(): void {
    this.#cancelNext = this.#stops.size === 0;
    for (const stop of this.#stops) cancel(stop);
  }

  /** Whether a cancel was asked for that is not carried out yet. */
  get cancelled(): boolean {
    return this.#cancelNext || [...this.#stops].some(({ signal }) => signal.aborted);
  }
}

function cancel(stop: AbortController): void {
  stop.abort(new DOMException("The run was cancelled", "AbortError"));
}
