export interface ForgottenRun {
  /** Whether it was closed; null if it was dropped on request, and may start again. */
  readonly wasClosed: boolean | null;
  readonly order: number;
}

/**
 * The runs that a bus forgot: so that a run which goes on is not taken for a new one, and a reader that comes back is
 * told what it misses. It remembers at least the last 5,000, and at most twice as many.
 */
export class ForgottenRuns {
  // Two generations: to forget the oldest one by one would mean to look for them.
  #recent: Map<string, ForgottenRun> = new Map();
  #earlier: Map<string, ForgottenRun> = new Map();
  #recentOrder = 0;
  #earlierOrder = 0;
  /** No run that is not known here had an event after this order. */
  lostOrder = 0;

  get(runId: string): ForgottenRun | undefined {
    return this.#recent.get(runId) ?? this.#earlier.get(runId);
  }

  add(runId: string, run: ForgottenRun): void {
    if (this.#recent.size >= GENERATION) {
      this.lostOrder = Math.max(this.lostOrder, this.#earlierOrder);
      this.#earlierOrder = this.#recentOrder;
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recentOrder = Math.max(this.#recentOrder, run.order);
    this.#recent.set(runId, run);
  }

  delete(runId: string): void {
    this.#recent.delete(runId);
    this.#earlier.delete(runId);
  }
}

const GENERATION = 5_000;
