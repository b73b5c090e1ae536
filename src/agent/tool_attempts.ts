/** Runs a tool until its hooks are content. */

import type { HookFailure } from "./hooks/hook_chain.ts";
import type { Question } from "./interrupt.ts";
import { type CheckedArguments, executeTool, type Execution } from "./tool_call.ts";
import { cancelled, failed, refused, replaced, type ToolOutcome } from "./tool_outcome.ts";

/** A call that is to be executed, with the hooks after it. */
export interface HookedExecution extends Omit<Execution, "args"> {
  /** The arguments as hooks and the state see them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The arguments as the body gets them, the first time. */
  readonly value: unknown;
  /** Makes them again. */
  readonly renew: () => Promise<CheckedArguments>;
}

/**
 * Runs a tool's body and the hooks after it, and again if they ask for it. Never rejects.
 *
 * @returns How it ended, or what it asks a person; and what a hook threw that is to end the run.
 */
export async function executeWithHooks(
  { value, renew, ...execution }: HookedExecution,
): Promise<{ ended: ToolOutcome | Question; failure: HookFailure }> {
  const { run, call, args, signal, tool } = execution;
  const breaker = run.config.circuitBreaker;
  // No body ran: no hooks after it.
  if (breaker?.isOpen(tool.name)) return { ended: refused(tool.name), failure: null };
  let body = value;
  for (let attempt = 1;; attempt++) {
    const ended = await executeTool({ ...execution, args: body });
    if ("question" in ended || ended.cancelled) return { ended, failure: null };
    breaker?.record(tool.name, ended.error === null);
    const after = await run.hooks.afterToolCall(call, args, ended, attempt);
    if (after === null) return { ended, failure: null };
    const { event, failure } = after;
    // What the hooks have not seen to its end is not shown.
    if (failure !== null && run.signal.aborted) {
      return { ended: cancelled(ended.duration_ms), failure: null };
    }
    const isLast = attempt > MAX_RETRIES || signal.aborted || failure !== null ||
      breaker?.isOpen(tool.name) === true;
    if (isLast || !event.retryRequested) return { ended: replaced(ended, event), failure };
    const again = await renew();
    if ("error" in again) return { ended: failed(again.error), failure: null };
    body = again.value;
  }
}

const MAX_RETRIES = 3;
