/** Calls hooks one after the other: in which order, how long they are waited for, what their errors do. */

import { abortable, deadline } from "../../core/waits.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { report } from "../state/texts.ts";
import type { Failure, FeatureContext } from "../loop/feature.ts";
import type { HookContext } from "./context.ts";
import { type Hook, HookPriority } from "./hook.ts";
import { describe, isRecord } from "../../core/options.ts";
import { readWhole } from "../../core/option_values.ts";

type HookCall = (hook: Hook, context: HookContext) => unknown;

/**
 * The hooks of a run that have something to do at a point of it. None is waited for longer than until the run is aborted;
 * then what waits rejects with the abort reason.
 */
export function hooksAt(
  point: HookPoint,
  hooks: readonly Hook[],
  run: FeatureContext,
  context: HookContext,
) {
  const { signal } = run;

  /** Where something begins. @throws What a hook throws that is not an observer, at once. */
  async function before(call: HookCall): Promise<void> {
    for (const hook of hooks) {
      try {
        await settle(call(hook, context));
      } catch (error) {
        if (!signal.aborted && hook.observer) tell(hook, error);
        else {
          run.blameHook(error);
          throw error;
        }
      }
    }
  }

  /**
   * Where a call ends.
   *
   * @param withhold Called when a hook fails: it may be the one that was to keep something from being
   * seen, so those that only watch must not see it either.
   * @returns The first failure that counts; further ones are reported.
   */
  async function after(call: HookCall, withhold: (error: unknown) => void): Promise<Failure> {
    let failure: Failure = null;
    for (const hook of fromTheEnd(hooks)) {
      if (hook.observer && failure !== null) withhold(failure.error);
      try {
        await settle(call(hook, context));
      } catch (error) {
        if (failure === null && (signal.aborted || !hook.observer)) failure = { error };
        else if (error !== signal.reason) tell(hook, error);
      }
    }
    if (failure !== null) {
      withhold(failure.error);
      run.blameHook(failure.error);
    }
    return failure;
  }

  /** Where nothing can be stopped any more: whatever fails is reported, and an abort ends the wait. */
  async function atEnd(call: HookCall): Promise<void> {
    for (const hook of fromTheEnd(hooks)) {
      try {
        const pending = call(hook, context);
        if (!isPromiseLike(pending)) continue;
        const work = Promise.resolve(pending);
        // What was aborted cannot be aborted again, and its hooks still have to clean up.
        await (signal.aborted ? deadline(work, CLEAN_UP_MS) : abortable(work, signal));
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) tell(hook, error);
      }
    }
  }

  async function settle(pending: unknown): Promise<void> {
    if (isPromiseLike(pending)) await abortable(Promise.resolve(pending), signal);
  }

  function tell(hook: Hook, error: unknown): void {
    report(`hook "${nameOf(hook)}" failed in ${point}()`, error);
  }

  return { context, before, after, atEnd };
}

/** Last ones first; observers at the very end, when nothing changes any more. */
function fromTheEnd(hooks: readonly Hook[]): Hook[] {
  const isObserver = ({ observer }: Hook) => Number(observer === true);
  return hooks.toReversed().sort((a, b) => isObserver(a) - isObserver(b));
}

/** How long the hooks of a run that was aborted may each take to clean up. */
const CLEAN_UP_MS = 5000;

export type HookPoint = keyof Hook & `on${string}`;

/** The hooks in the order in which they run before something. @throws {TypeError | RangeError} If one is not a hook. */
export function sortHooks(hooks: readonly Hook[]): readonly Hook[] {
  for (const hook of hooks) {
    if (!isRecord(hook)) {
      throw new TypeError(`Agent: "hooks" must hold hook objects, got ${describe(hook)}`);
    }
    if (hook.priority !== undefined && !Number.isFinite(hook.priority)) {
      throw new TypeError(
        `Agent: "priority" of hook "${nameOf(hook)}" must be a number, ` +
          `got ${describe(hook.priority)}`,
      );
    }
    if (hook.maxModelAttempts !== undefined) {
      readWhole(`Agent: hook "${nameOf(hook)}"`, "maxModelAttempts", hook.maxModelAttempts, 1);
    }
    for (const point of HOOK_POINTS) {
      if (hook[point] !== undefined && typeof hook[point] !== "function") {
        throw new TypeError(
          `Agent: "${point}" of hook "${nameOf(hook)}" must be a function, ` +
            `got ${describe(hook[point])}`,
        );
      }
    }
  }
  // Sorting is stable: equal priorities keep the order that they were given in.
  return [...hooks].sort((a, b) => priorityOf(a) - priorityOf(b));
}

export function nameOf(hook: Hook): string {
  return hook.name ?? hook.constructor?.name ?? "Object";
}

/** All points, in the order in which a run comes to them. */
export const HOOK_POINTS: readonly HookPoint[] = Object.keys(
  // Complete by construction: a missing or additional name does not compile.
  {
    onBeforeInvocation: 0,
    onIterationStart: 0,
    onBeforeModelCall: 0,
    onAfterModelCall: 0,
    onModelError: 0,
    onBeforeToolCall: 0,
    onAfterToolCall: 0,
    onIterationEnd: 0,
    onAfterInvocation: 0,
  } satisfies Record<HookPoint, 0>,
) as HookPoint[];

function priorityOf({ priority = HookPriority.DEFAULT }: Hook): number {
  return priority;
}
