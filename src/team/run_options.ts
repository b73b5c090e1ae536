/** What a caller may ask of a piece of work. */

import { checkRun, checkSignal } from "../core/checks.ts";
import { readName } from "../core/option_values.ts";
import type { AnyRun } from "../core/run/run.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";

/** Where work belongs, and what stops it. */
export interface TeamRunOptions {
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
  /** Stops the work: it rejects with the signal's reason, after everything in it has ended. */
  signal?: AbortSignal;
}

/** The same, for work that may be kept. */
export interface ThreadRunOptions extends TeamRunOptions {
  /** Where the `checkpointer` keeps what has ended: go on with it by `recover()`. @default {it is not kept} */
  threadId?: string;
}

/** @throws {TypeError} If it is not a place to run in. */
export function checkPlace(owner: string, { run, signal }: TeamRunOptions): void {
  if (run !== undefined) checkRun(`${owner}: "run" must be`, run);
  checkSignal(owner, signal);
}

/**
 * Checks the same for work that may be kept.
 *
 * @param maker What the team was made by.
 * @throws {TypeError} If there is a thread, and nothing to keep it, or `recover()` has none.
 */
export function checkThread(
  owner: string,
  maker: string,
  checkpointer: Checkpointer | null,
  options: ThreadRunOptions,
): void {
  checkPlace(owner, options);
  const { threadId } = options;
  if (threadId === undefined && owner !== "recover()") return;
  readName(owner, "threadId", threadId);
  if (checkpointer !== null) return;
  throw new TypeError(`${owner}: "threadId" needs the option "checkpointer" of ${maker}`);
}
