/**
 * What tests about run contexts share.
 *
 * @module
 */
import { AsyncVariable, type EventBus, type Snapshot } from "@locus/core";

/** An event `test.tick` with a payload `{ n, by }`. */
export interface Tick {
  run: string;
  by: unknown;
  n: unknown;
}

/** The ticks of a run, oldest first. */
export function ticks(bus: EventBus, run: string): Tick[] {
  return bus.history({ run, type: "test.tick" }, { limit: 10_000 }).toReversed()
    .map(({ run_id, data }) => ({ run: run_id, by: data.by, n: data.n }));
}

/** The runs of all events, oldest first. */
export function publishedTo(bus: EventBus): string[] {
  return bus.history().toReversed().map(({ run_id }) => run_id);
}

/** A callback that somebody else calls: `arm` registers it, and calling what it returns has it called. */
export interface ForeignCallback {
  readonly name: string;
  arm(callback: () => void): () => unknown;
}

/** Where the runtimes disagree most about the async context. */
export const foreignCallbacks: readonly ForeignCallback[] = [
  {
    name: "pull of a stream",
    arm(callback) {
      const stream = new ReadableStream({
        pull(controller) {
          callback();
          controller.close();
        },
      }, { highWaterMark: 0 });
      return () => stream.getReader().read();
    },
  },
  {
    name: "cancel of a stream",
    arm(callback) {
      const stream = new ReadableStream({ cancel: callback });
      return () => stream.cancel();
    },
  },
  {
    name: "abort of a signal",
    arm(callback) {
      const abort = new AbortController();
      abort.signal.addEventListener("abort", callback);
      return () => abort.abort();
    },
  },
  {
    name: "message of a port",
    arm(callback) {
      const { port1, port2 } = new MessageChannel();
      const heard = new Promise<void>((resolve) => {
        port1.onmessage = () => {
          callback();
          port1.close();
          resolve();
        };
      });
      return () => {
        port2.postMessage(null);
        return heard;
      };
    },
  },
];

/**
 * Steps a generator in the context of a snapshot, whoever asks. One step at a time: a step that is queued
 * in the generator itself goes on without any context on Deno and workerd.
 */
export function inTurn<T>(
  generator: AsyncGenerator<T>,
  snapshot: Snapshot,
): { next(): Promise<IteratorResult<T>>; return(): Promise<IteratorResult<T>> } {
  let last: Promise<unknown> = Promise.resolve();
  const step = (call: () => Promise<IteratorResult<T>>) => {
    const result = last.then(() => snapshot.run(call));
    last = result.catch(() => {});
    return result;
  };
  return {
    next: () => step(() => generator.next()),
    return: () => step(() => generator.return(undefined)),
  };
}

/** Runs `fn`, which may ask how often any variable was read so far; answers that at the end. */
export async function countReads(fn: (readsSoFar: () => number) => Promise<void>): Promise<number> {
  const { get } = AsyncVariable.prototype;
  let reads = 0;
  AsyncVariable.prototype.get = function () {
    reads++;
    return get.call(this);
  };
  try {
    await fn(() => reads);
  } finally {
    AsyncVariable.prototype.get = get;
  }
  return reads;
}

/** Lets everything that only waits for promises happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await null;
}
