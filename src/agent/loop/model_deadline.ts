/** How long one model call may take. */

import { deadline } from "../../core/waits.ts";
import { MAX_TIMER_MS } from "../../core/option_values.ts";
import { ModelTimeoutError } from "../state/errors.ts";

/** What limits a model call. */
export interface ModelLimits {
  readonly timeBudgetSeconds: number | null;
  readonly modelTimeoutMs: number | null;
  readonly modelIdleTimeoutMs: number | null;
}

/** A run as far as its time is concerned. */
interface TimedRun {
  readonly signal: AbortSignal;
  readonly settings: ModelLimits;
  elapsedMs(): number;
}

/**
 * The run has used up its time while a model was asked; never an error of the model. One for all, told by its identity:
 * what a model throws cannot be asked for its class without running code of its own.
 */
export const OUT_OF_TIME = new DOMException("The run has used up its time", "TimeoutError");

/**
 * Aborts one model call with the run, when its own time or that of the run is up, or when nothing of a streamed answer
 * arrives any more. Close it when the call is over.
 */
export class ModelDeadline {
  readonly signal: AbortSignal;
  readonly #run: TimedRun;
  readonly #controller: AbortController | null = null;
  readonly #idleMs: number | null;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #idle: ReturnType<typeof setTimeout> | undefined;
  readonly #abort = (): void => this.#controller?.abort(this.#run.signal.reason);

  /** @throws {@linkcode OUT_OF_TIME} If there is no time left. */
  constructor(run: TimedRun, streams: boolean) {
    const { modelTimeoutMs, modelIdleTimeoutMs } = run.settings;
    const left = leftOf(run);
    if (left !== null && left <= 0) throw OUT_OF_TIME;
    this.#run = run;
    this.#idleMs = streams ? modelIdleTimeoutMs : null;
    this.signal = run.signal;
    // Most calls have no limit, and need nothing of their own.
    if (left === null && modelTimeoutMs === null && this.#idleMs === null) return;
    this.#controller = new AbortController();
    this.signal = this.#controller.signal;
    run.signal.addEventListener("abort", this.#abort, { once: true });
    if (run.signal.aborted) this.#abort();
    if (left !== null) this.#after(left, () => OUT_OF_TIME);
    if (modelTimeoutMs !== null) {
      this.#after(modelTimeoutMs, () => new ModelTimeoutError("did not answer", modelTimeoutMs));
    }
    this.heard();
  }

  /** Something arrived: the silence begins anew. */
  heard(): void {
    const ms = this.#idleMs;
    if (ms === null) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(
      () => this.#controller?.abort(new ModelTimeoutError("was silent", ms)),
      ms,
    );
  }

  /** What comes between two attempts, such as the pause of a retry; null if the run's time is up before it does. */
  async whileInTime<T>(work: Promise<T>): Promise<T | null> {
    const left = leftOf(this.#run);
    if (left === null || left > MAX_TIMER_MS) return await work;
    try {
      return await deadline(work, left);
    } catch (error) {
      if (Object(error).name !== "TimeoutError") throw error;
      return null;
    }
  }

  close(): void {
    this.#run.signal.removeEventListener("abort", this.#abort);
    clearTimeout(this.#idle);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #after(ms: number, reason: () => Error): void {
    // One that is further away than timers reach is as good as none.
    if (ms > MAX_TIMER_MS) return;
    this.#timers.add(setTimeout(() => this.#controller?.abort(reason()), ms));
  }
}

/** How much time the run has, in milliseconds; null for no limit. */
function leftOf(run: TimedRun): number | null {
  const { timeBudgetSeconds } = run.settings;
  return timeBudgetSeconds === null ? null : timeBudgetSeconds * 1000 - run.elapsedMs();
}
