/** What a caller may ask of a piece of work. */

import { checkRun, checkSignal } from "../core/checks.ts";
import type { AnyRun } from "../core/run/run.ts";

/** Where work belongs, and what stops it. */
export interface TeamRunOptions {
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
  /** Stops the work: it rejects with the signal's reason, after everything in it has ended. */
  signal?: AbortSignal;
}

/** @throws {TypeError} If it is not a place to run in. */
export function checkPlace(owner: string, { run, signal }: TeamRunOptions): void {
  if (run !== undefined) checkRun(`${owner}: "run" must be`, run);
  checkSignal(owner, signal);
}
