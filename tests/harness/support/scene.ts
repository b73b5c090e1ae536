/**
 * What tests of following share: a run, a span in it that something is returned from, and where its steps ran.
 *
 * @module
 */
import { currentRun, EventBus, type Run, runContext, withSpan } from "@locus/core";
import { hasAsyncContext } from "../../../src/runtime/async_context.ts";

/** A run in which things are returned from spans, and what is known of them. */
export class Scene {
  readonly bus: EventBus = new EventBus();
  readonly run: Run = runContext({ runId: "r", bus: this.bus }, (run) => run);
  /** For each step that was marked, whether it was inside of the span. */
  readonly inside: boolean[] = [];

  /** Calls `fn` in a span, from outside of the run. */
  span<R>(fn: () => R): R {
    return withSpan("work", { run: this.run }, fn);
  }

  /** Notes where a step runs. Without async context it is inside anyway, as far as anybody can tell. */
  readonly mark = (): void => {
    this.inside.push(!hasAsyncContext() || currentRun()?.spanId != null);
  };

  /** How the spans ended so far: `ok`, or with what error. */
  get ends(): unknown[] {
    return this.bus.history("span.completed").toReversed().map(({ data }) => data.error ?? "ok");
  }
}

/** All items, one after the other. */
export async function readAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
