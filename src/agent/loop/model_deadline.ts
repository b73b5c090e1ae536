/** How long one model call may take. */

import { ModelTimeoutError } from "../state/errors.ts";

export interface ModelLimits {
  readonly modelTimeoutMs: number | null;
  readonly modelIdleTimeoutMs: number | null;
}

/**
 * Aborts one model call with the run, when its own time is up, or when nothing of a streamed answer arrives any more.
 * Close it when the call is over.
 */
export class ModelDeadline {
  readonly signal: AbortSignal;
  readonly #outer: AbortSignal;
  readonly #controller: AbortController | null = null;
  readonly #idleMs: number | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  readonly #abort = (): void => this.#controller?.abort(this.#outer.reason);

  constructor(outer: AbortSignal, limits: ModelLimits, streams: boolean) {
    const { modelTimeoutMs, modelIdleTimeoutMs } = limits;
    this.#outer = this.signal = outer;
    this.#idleMs = streams ? modelIdleTimeoutMs : null;
    // Most calls have no limit, and need nothing of their own.
    if (modelTimeoutMs === null && this.#idleMs === null) return;
    this.#controller = new AbortController();
    this.signal = this.#controller.signal;
    outer.addEventListener("abort", this.#abort, { once: true });
    if (outer.aborted) this.#abort();
    if (modelTimeoutMs !== null) this.#timer = this.#after(modelTimeoutMs, "did not answer");
    this.heard();
  }

  /** Something arrived: the silence begins anew. */
  heard(): void {
    const ms = this.#idleMs;
    if (ms === null) return;
    clearTimeout(this.#idle);
    this.#idle = this.#after(ms, "was silent");
  }

  close(): void {
    this.#outer.removeEventListener("abort", this.#abort);
    clearTimeout(this.#idle);
    clearTimeout(this.#timer);
  }

  #after(ms: number, what: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#controller?.abort(new ModelTimeoutError(what, ms)), ms);
  }
}
