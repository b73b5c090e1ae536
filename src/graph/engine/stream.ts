import { type Deferred, deferred } from "../../runtime/deferred.ts";
import type { Values } from "../definition.ts";
import type {
  GraphResult,
  GraphStream,
  GraphStreamEvent,
  GraphStreamMode,
} from "../types/graph.ts";

/** What a run that is streamed gets. */
export interface StreamSide {
  readonly signal: AbortSignal;
  tell(event: GraphStreamEvent<unknown>): void;
  taken(): Promise<void>;
}

/** Runs a graph as its events are taken: nothing starts before the first is asked for, and leaving stops the run. */
export function openStream(
  modes: readonly GraphStreamMode[],
  outer: AbortSignal | undefined,
  start: (side: StreamSide) => Promise<GraphResult<Values>>,
): GraphStream<Values> {
  const queue: GraphStreamEvent<Values>[] = [];
  const stop = new AbortController();
  const result = deferred<GraphResult<Values>>();
  // Who reads the events need not look at the result.
  result.promise.catch(() => {});
  // Resolved when something is queued or over, and when everything is taken.
  let filled: Deferred<void> = deferred();
  let emptied: Deferred<void> = deferred();
  let isOver = false;
  const abort = () => stop.abort(outer?.reason);
  const side: StreamSide = {
    signal: stop.signal,
    tell(event) {
      if (stop.signal.aborted || event.mode !== "custom" && !modes.includes(event.mode)) return;
      queue.push(event as GraphStreamEvent<Values>);
      filled.resolve();
    },
    taken: () => queue.length === 0 ? Promise.resolve() : emptied.promise,
  };

  async function* read(): AsyncGenerator<GraphStreamEvent<Values>, void, void> {
    outer?.addEventListener("abort", abort, { once: true });
    if (outer?.aborted) abort();
    const run = start(side);
    result.resolve(run);
    const over = () => {
      isOver = true;
      filled.resolve();
    };
    run.then(over, over);
    try {
      while (true) {
        const event = queue.shift();
        if (event !== undefined) {
          yield event;
          continue;
        }
        emptied.resolve();
        emptied = deferred();
        if (isOver) break;
        await filled.promise;
        filled = deferred();
      }
      await run;
    } finally {
      stop.abort(new DOMException("The stream was left", "AbortError"));
      emptied.resolve();
      outer?.removeEventListener("abort", abort);
    }
  }
  return Object.assign(read(), { result: result.promise });
}
