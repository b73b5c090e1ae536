/** One run in its caller's hands. */

import { withinRun } from "../core/run_context.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { BusBridge } from "./bus_bridge.ts";
import type { AgentEvent } from "./events.ts";
import { Limiter } from "./limiter.ts";
import { runLoop } from "./loop.ts";
import { report } from "./report.ts";
import type { AgentResult } from "./result.ts";
import type { RunHandle } from "./run_handle.ts";

/**
 * The events of one run, as they happen. Iterate it once.
 *
 * - The run begins with the first event asked for, and goes on only while events are asked for.
 * - Leaving the loop stops the run: what is under way is aborted.
 * - It rejects with what the model or a hook threw, after the `terminate` event that tells of it.
 */
export interface AgentRun<Output = unknown>
  extends AsyncIterableIterator<AgentEvent, undefined, undefined> {
  /**
   * The id of the agent's run: `state.run_id`. Empty until the first event of a run that is resumed
   * from its thread: only the thread knows which run it was.
   */
  readonly runId: string;
  /** What the run came to, once iteration is over; null before, and if it was left early. */
  readonly result: AgentResult<Output> | null;
  /** Stops the run. Resolves when nothing of it is left, also while the next event is waited for. */
  return(): Promise<IteratorResult<AgentEvent, undefined>>;
}

/** Drives the loop: in the context that it is made in, whoever asks for the next event. */
export class RunIterator implements AgentRun {
  readonly #handle: RunHandle;
  readonly #events: AsyncGenerator<AgentEvent, void>;
  // The body of a generator sees the context of whoever resumes it, not that of its creation.
  readonly #context: Snapshot;
  readonly #bridge: BusBridge | null;
  /**
   * One call after the other: a generator that has another `next()` waiting runs on before its event is
   * published, and on some runtimes without context.
   */
  readonly #inTurn = new Limiter(1);

  constructor(handle: RunHandle) {
    this.#handle = handle;
    this.#events = runLoop(handle);
    const { busRun } = handle;
    this.#context = busRun === undefined ? new Snapshot() : withinRun(busRun, () => new Snapshot());
    this.#bridge = busRun === undefined ? null : new BusBridge(busRun);
  }

  get runId(): string {
    return this.#handle.state.run_id;
  }

  get result(): AgentResult | null {
    return this.#handle.result;
  }

  next(): Promise<IteratorResult<AgentEvent, undefined>> {
    return this.#inTurn.run(async () => {
      const { done, value } = await this.#context.run(this.#resume);
      if (done) return { done: true, value: undefined };
      this.#bridge?.publish(value);
      this.#callBack(value);
      return { done: false, value };
    });
  }

  return(): Promise<IteratorResult<AgentEvent, undefined>> {
    // Before the generator is asked: it may be waiting for the model, and must not be waited for.
    this.#handle.leave();
    return this.#inTurn.run(async () => {
      await this.#context.run(() => this.#events.return());
      return { done: true, value: undefined };
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #resume = (): Promise<IteratorResult<AgentEvent, void>> => this.#events.next();

  #callBack(event: AgentEvent): void {
    const { callbackHandler } = this.#handle.config;
    if (callbackHandler === null) return;
    try {
      this.#context.run(callbackHandler, event);
    } catch (error) {
      report("callbackHandler failed", error);
    }
  }
}
