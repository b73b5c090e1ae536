import { MAX_TIMER_MS } from "../core/option_values.ts";
import type { StreamPermit } from "./stream_options.ts";

/** What follows from an answer, or from none. */
export interface PermitOutcomes {
  /** It was a yes. */
  onPermitted?(): void;
  /** It was a no, or none came in time. */
  onDenied(): void;
  /** Asking failed. */
  onFailure(error: unknown): void;
}

/**
 * Asks again and again whether a client may read on, on a timer of its own: a heartbeat may be far away.
 *
 * @returns Its end.
 */
export function watchPermit(permit: StreamPermit, outcomes: PermitOutcomes): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const check = new PermitCheck(permit, performance.now(), { ...outcomes, onPermitted: schedule });
  schedule();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };

  function schedule(): void {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(() => {
      check.tick(performance.now());
      schedule();
    }, Math.min(check.dueAt - performance.now(), MAX_TIMER_MS));
  }
}

/** One question at a time, and how long to wait for its answer. */
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

  /** When `tick()` has something to do, if no answer comes before. */
  get dueAt(): number {
    return this.#askedAt + (this.#isAsking ? PATIENCE_MS : this.#permit.everyMs);
  }

  /** Asks, or stops waiting for an answer, if it is time to. */
  tick(now: number): void {
    if (now < this.dueAt) return;
    // No answer in time counts as a refusal.
    if (this.#isAsking) return this.#outcomes.onDenied();
    this.#askedAt = now;
    this.#isAsking = true;
    this.#ask().then(
      (isPermitted) => {
        this.#isAsking = false;
        if (isPermitted === true) this.#outcomes.onPermitted?.();
        else this.#outcomes.onDenied();
      },
      (error) => this.#outcomes.onFailure(error),
    );
  }

  /** Asynchronous, so that what is thrown is handled like what is rejected with. */
  async #ask(): Promise<boolean> {
    return await this.#permit.renew();
  }
}

const PATIENCE_MS = 5_000;
