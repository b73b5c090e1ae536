/** One run in its caller's hands. */

import { ambientRun, type Run, withinRun } from "../core/run/run_context.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { type Deferred, deferred } from "../runtime/deferred.ts";
import { dropRejection } from "../runtime/promise_like.ts";
import { AgentSpan } from "./spans/agent_span.ts";
import type { AgentEvent } from "./state/events.ts";
import { Limiter } from "./loop/limiter.ts";
import { runLoop } from "./loop/loop.ts";
import { leaveEvent, takeUp } from "./loop/outcome.ts";
import { report } from "./state/texts.ts";
import { type AgentResult, resultOf } from "./result.ts";
import type { RunSegment } from "./loop/run_segment.ts";

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

type Step = Deferred<IteratorResult<AgentEvent, void>>;

/**
 * Drives the loop in the context that it is made in, whoever asks for the next event. Made outside of a run, it
 * belongs to the one in which the first event is asked for.
 */
export class RunIterator implements AgentRun {
  readonly #segment: RunSegment;
  readonly #callbackHandler: ((event: AgentEvent) => void) | undefined;
  /** Null until the run is taken up. */
  #events: AsyncGenerator<AgentEvent, void> | null = null;
  // The body of a generator sees the context of whoever resumes it, not that of its creation.
  #context: Snapshot = new Snapshot();
  /** Has the loop take its next step; null before the first. */
  #wake: ((step: Step) => void) | null = null;
  #result: AgentResult | null = null;
  #isAsked = false;
  #isOver = false;
  /**
   * One call after the other: a generator that has another `next()` waiting runs on before its event is
   * published, and on some runtimes without context.
   */
  readonly #inTurn = new Limiter(1);

  /** @param callbackHandler Called with every event, before the consumer gets it. */
  constructor(segment: RunSegment, callbackHandler: ((event: AgentEvent) => void) | undefined) {
    this.#segment = segment;
    this.#callbackHandler = callbackHandler;
    if (segment.busRun !== undefined) this.#join(segment.busRun);
  }

  get runId(): string {
    return this.#segment.state.run_id;
  }

  get result(): AgentResult | null {
    return this.#result;
  }

  next(): Promise<IteratorResult<AgentEvent, undefined>> {
    if (!this.#isAsked) this.#findRun();
    return this.#inTurn.run(async () => {
      if (this.#isOver) return { done: true, value: undefined };
      this.#events ??= await this.#begin();
      const { done, value } = await this.#step();
      if (done) return { done: true, value: undefined };
      this.#segment.span?.publish(value);
      this.#callBack(value);
      return { done: false, value };
    });
  }

  return(): Promise<IteratorResult<AgentEvent, undefined>> {
    // Before the generator is asked: it may be waiting for the model, and must not be waited for.
    this.#segment.leave();
    return this.#inTurn.run(async () => {
      this.#isOver = true;
      await this.#context.run(() => this.#events?.return());
      this.#conclude();
      return { done: true, value: undefined };
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #begin(): Promise<AsyncGenerator<AgentEvent, void>> {
    const segment = this.#segment;
    try {
      const paused = await this.#context.run(() => takeUp(segment));
      if (segment.busRun !== undefined) {
        segment.span = new AgentSpan(
          segment.busRun,
          segment,
          paused?.waits.place ?? null,
          () => leaveEvent(segment),
        );
        this.#enter(segment.span.run);
      }
      return runLoop(segment, paused);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #findRun(): void {
    this.#isAsked = true;
    const { busRun, findsRun } = this.#segment;
    const found = busRun === undefined && findsRun ? ambientRun() : undefined;
    if (found !== undefined) this.#join(found);
  }

  #join(run: Run): void {
    this.#segment.busRun = run;
    this.#enter(run);
  }

  #enter(run: Run): void {
    this.#context = this.#context.run(() => withinRun(run, () => new Snapshot()));
  }

  #step(): Promise<IteratorResult<AgentEvent, void>> {
    const step = deferred<IteratorResult<AgentEvent, void>>();
    if (this.#wake === null) this.#context.run(() => void this.#drive(step));
    else this.#wake(step);
    return step.promise;
  }

  /** Takes the steps of the loop. It stays in one context from the first to the last: entering it each time is expensive. */
  async #drive(step: Step): Promise<void> {
    for (;;) {
      const { promise, resolve } = deferred<Step>();
      this.#wake = resolve;
      try {
        const result = await this.#events!.next();
        this.#conclude();
        step.resolve(result);
      } catch (error) {
        this.#conclude();
        step.reject(error);
      }
      step = await promise;
    }
  }

  /** At once: the features of a run that waits go on with it, and then say something else. */
  #conclude(): void {
    if (this.#segment.isOver) this.#result ??= resultOf(this.#segment);
  }

  #callBack(event: AgentEvent): void {
    const callbackHandler = this.#callbackHandler;
    if (callbackHandler === undefined) return;
    const tell = (error: unknown) => report("callbackHandler failed", error);
    try {
      dropRejection(this.#context.run(callbackHandler, event), tell);
    } catch (error) {
      tell(error);
    }
  }
}

export class ActiveRuns {
  readonly #stops = new Set<AbortController>();
  #cancelNext = false;

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

  get cancelled(): boolean {
    return this.#cancelNext || [...this.#stops].some(({ signal }) => signal.aborted);
  }
}

function cancel(stop: AbortController): void {
  stop.abort(new DOMException("The run was cancelled", "AbortError"));
}
