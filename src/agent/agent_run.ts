/** One run in its caller's hands. */

import { ambientRun, type Run, withinRun } from "../core/run/run_context.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { type Deferred, deferred } from "../runtime/deferred.ts";
import { dropRejection, isPromiseLike } from "../runtime/promise_like.ts";
import { AgentSpan } from "./spans/agent_span.ts";
import type { AgentEvent } from "./state/events.ts";
import { type Steps, toEvent } from "./state/steps.ts";
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

/** What was asked of a run and is not answered yet: the next event, or to stop. */
interface Request extends Deferred<IteratorResult<AgentEvent, undefined>> {
  readonly leaves: boolean;
}

/**
 * Drives the loop in the context that it is made in, whoever asks for the next event. Made outside of a run, it
 * belongs to the one in which the first event is asked for.
 */
export class RunIterator implements AgentRun {
  readonly #segment: RunSegment;
  readonly #callbackHandler: ((event: AgentEvent) => void) | undefined;
  /** Nothing to do until the run is taken up. */
  #steps: Steps<void> = nothing();
  #context: Snapshot = new Snapshot();
  readonly #requests: Request[] = [];
  /** Tells who serves the requests that there is one. */
  #wake: (() => void) | null = null;
  #result: AgentResult | null = null;
  #isAsked = false;
  #isStarted = false;

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
    return this.#ask(false);
  }

  return(): Promise<IteratorResult<AgentEvent, undefined>> {
    // Before the loop is asked: it may be waiting for the model, and must not be waited for.
    this.#segment.leave();
    return this.#ask(true);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #ask(leaves: boolean): Request["promise"] {
    const request = { leaves, ...deferred<IteratorResult<AgentEvent, undefined>>() };
    this.#requests.push(request);
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#start(request);
    } else this.#wake?.();
    return request.promise;
  }

  async #start({ leaves, reject }: Request): Promise<void> {
    try {
      if (!leaves) await this.#begin();
    } catch (error) {
      this.#requests.shift();
      reject(error);
    }
    this.#context.run(() => void this.#serve());
  }

  async #begin(): Promise<void> {
    const segment = this.#segment;
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
    this.#steps = runLoop(segment, paused);
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

  /**
   * Answers one request after the other. It stays in one context from the first to the last: entering it each time is
   * expensive.
   */
  async #serve(): Promise<void> {
    for (;;) {
      const request = this.#requests.shift();
      if (request === undefined) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = null;
        continue;
      }
      try {
        const steps = this.#steps;
        let step = toEvent(steps, request.leaves ? steps.return() : steps.next());
        if (isPromiseLike(step)) step = await step;
        this.#conclude();
        if (!step.done) this.#tell(step.value);
        request.resolve(step.done ? { done: true, value: undefined } : step);
      } catch (error) {
        this.#conclude();
        request.reject(error);
      }
    }
  }

  /** At once: the features of a run that waits go on with it, and then say something else. */
  #conclude(): void {
    if (this.#segment.isOver) this.#result ??= resultOf(this.#segment);
  }

  #tell(event: AgentEvent): void {
    this.#segment.span?.publish(event);
    this.#callBack(event);
  }

  #callBack(event: AgentEvent): void {
    const callbackHandler = this.#callbackHandler;
    if (callbackHandler === undefined) return;
    const tell = (error: unknown) => report("callbackHandler failed", error);
    try {
      dropRejection(callbackHandler(event), tell);
    } catch (error) {
      tell(error);
    }
  }
}

function* nothing(): Steps<void> {}

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
