/** Work in steps: it yields events, and what it has to wait for. */

import { isPromiseLike } from "../../runtime/promise_like.ts";
import type { AgentEvent } from "./events.ts";

/**
 * Work that yields events on its way. A promise that it yields is waited for, and what becomes of it is sent, or thrown,
 * back in: with {@linkcode until}.
 *
 * Not an async generator: one that delegates to another waits several times for each event, at every level.
 */
export type Steps<T> = Generator<Step, T, unknown>;

type Step = AgentEvent | PromiseLike<unknown>;

/** Waits for a promise, and for nothing else. */
export function* until<T>(pending: PromiseLike<T> | T): Steps<T> {
  return isPromiseLike(pending) ? (yield pending) as T : pending as T;
}

/**
 * Goes on until there is an event, or the end: at once if nothing has to be waited for.
 *
 * @param step Where the work is.
 */
export function toEvent<T>(
  steps: Steps<T>,
  step: IteratorResult<Step, T>,
): Promise<IteratorResult<AgentEvent, T>> | IteratorResult<AgentEvent, T> {
  return isWaiting(step) ? waitForEvent(steps, step) : step as IteratorResult<AgentEvent, T>;
}

/** Does work of which nobody sees the events. */
export async function finish<T>(
  steps: Steps<T>,
  step: IteratorResult<Step, T> = steps.next(),
): Promise<T> {
  while (!step.done) {
    step = isWaiting(step) ? await waitForEvent(steps, step) : steps.next();
  }
  return step.value;
}

async function waitForEvent<T>(
  steps: Steps<T>,
  step: IteratorResult<Step, T>,
): Promise<IteratorResult<AgentEvent, T>> {
  while (isWaiting(step)) {
    let failure: { readonly error: unknown } | null = null;
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      failure = { error };
    }
    step = failure === null ? steps.next(value) : steps.throw(failure.error);
  }
  return step as IteratorResult<AgentEvent, T>;
}

function isWaiting<T>(
  step: IteratorResult<Step, T>,
): step is IteratorYieldResult<PromiseLike<unknown>> {
  return step.done !== true && isPromiseLike(step.value);
}
