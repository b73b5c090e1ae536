import type { StreamPermit } from "./stream_options.ts";

/** What follows from an answer that is not a yes. */
export interface PermitOutcomes {
  /** It was a no, or none came in time. */
  onDenied(): void;
  /** Asking failed. */
  onFailure(error: unknown): void;
}

/** Asks again and again whether a client may read on, one question at a time. */
export class PermitCheck {
  readonly #permit: StreamPermit;
  readonly #outcomes: PermitOutcomes;
  #askedAt: number;
  #isAsking = false;

  constructor(permit: StreamPermit, now: number, outcomes: PermitOutcomes) {
    this.#permit = permit;
    this.#outcomes = outcomes;
    this.#askedAt = now;
  }

  /** To be called every now and then. */
  tick(now: number): void {
    const sinceMs = now - this.#askedAt;
    if (this.#isAsking) {
      // Whoever cannot say yes has not said it.
      if (sinceMs >= PATIENCE_MS) this.#outcomes.onDenied();
    } else if (sinceMs >= this.#permit.everyMs) {
      this.#askedAt = now;
      this.#isAsking = true;
      this.#ask().then(
        (isPermitted) => {
          this.#isAsking = false;
          if (isPermitted !== true) this.#outcomes.onDenied();
        },
        (error) => this.#outcomes.onFailure(error),
      );
    }
  }

  /** Asynchronous, so that what is thrown is handled like what is rejected with. */
  async #ask(): Promise<boolean> {
    return await this.#permit.renew();
  }
}

const PATIENCE_MS = 5_000;
