import type { Run } from "../../core/run/run.ts";
import { withinRun } from "../../core/run/run_context.ts";

/** Calls `execute` once: in the place that `find` answers, else where it is. What `find` throws is not a host's. */
export function inside<R>(find: () => Run | undefined, execute: () => R): R {
  let run: Run | undefined;
  attempt(() => run = find());
  return run === undefined ? execute() : withinRun(run, execute);
}

/** Does what tells of the host's call. That is not to break, whatever happens; the recorder has counted it. */
export function attempt(tell: () => void): void {
  try {
    tell();
  } catch {
    // As if it was not recorded.
  }
}

/** Calls a tool, and says what came of it: of a value, a promise, or the last value of a generator. */
export function followed(
  execute: () => unknown,
  done: (output: unknown) => void,
  failed: (error: unknown) => void,
): unknown {
  let result: unknown;
  try {
    result = execute();
  } catch (error) {
    failed(error);
    throw error;
  }
  const { then, [Symbol.asyncIterator]: iterate } = Object(result);
  if (typeof iterate === "function") return lastOf(result as AsyncIterable<unknown>, done, failed);
  if (typeof then !== "function") return done(result), result;
  return (result as Promise<unknown>).then(
    (output) => (done(output), output),
    (error) => {
      failed(error);
      throw error;
    },
  );
}

async function* lastOf(
  values: AsyncIterable<unknown>,
  done: (output: unknown) => void,
  failed: (error: unknown) => void,
): AsyncGenerator<unknown> {
  let last: unknown;
  try {
    for await (last of values) yield last;
  } catch (error) {
    failed(error);
    throw error;
  }
  done(last);
}
