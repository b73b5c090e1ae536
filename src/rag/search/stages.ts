import { abortable } from "../../core/waits.ts";
import type { RagStage } from "../../events/catalogue/rag.ts";

/** What a query did, step by step, for its event. Each step ends when the signal does, whatever it calls. */
export class Stages {
  readonly done: RagStage[] = [];
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async run<T>(name: string, step: () => Promise<readonly T[]>): Promise<readonly T[]> {
    this.#signal?.throwIfAborted();
    const start = performance.now();
    const found = await abortable(step(), this.#signal);
    const duration_ms = performance.now() - start;
    this.done.push({ name, count: found.length, duration_ms });
    return found;
  }
}
