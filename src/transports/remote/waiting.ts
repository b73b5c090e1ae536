/** What every bus waits for whose runs are elsewhere: that they are stored, and for how long. */
import type { DrainedOptions } from "../../core/bus/bus.ts";
import { checkRunId } from "../../core/checks.ts";

export function closedError(): Error {
  return new Error("The bus was closed");
}

/**
 * `drained()`: when everything is stored, waits for the readers here, in what is left of the caller's time.
 *
 * @param local Serves the readers.
 * @param stored Resolves when what was published is where they read.
 */
export async function drainedWhenStored(
  local: { drained(runId: string, options: DrainedOptions): Promise<void> },
  runId: string,
  options: DrainedOptions,
  stored: () => Promise<unknown>,
): Promise<void> {
  checkRunId("Bus.drained()", runId);
  const start = performance.now();
  // Checks the options, and gives up when they say so.
  const failed = local.drained(runId, options).then(() => new Promise<never>(() => {}));
  await Promise.race([stored(), failed]);
  const { timeoutMs, signal } = options;
  const left = timeoutMs === undefined
    ? undefined
    : Math.max(0, timeoutMs - (performance.now() - start));
  return await local.drained(runId, { timeoutMs: left, signal });
}

/** Resolves with the promise, or when the time is over. */
export async function within(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => timer = setTimeout(resolve, timeoutMs));
  await Promise.race([promise, enough]);
  clearTimeout(timer);
}
