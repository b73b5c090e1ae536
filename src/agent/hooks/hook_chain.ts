/** Calls hooks one after the other: in which order, how long they are waited for, what their errors do. */

import { abortable, deadline } from "../../core/waits.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { report } from "../state/texts.ts";
import type { Failure } from "../loop/feature.ts";
import { type Hook, HookPriority } from "./hook.ts";
import { describe, isRecord } from "../../core/options.ts";
import { readWhole } from "../../core/option_values.ts";

/** Calls one of a hook's methods, whichever the point is. */
export type HookCall = (hook: Hook) => unknown;

/**
 * The hooks of one segment of a run. None is waited for longer than until the run is aborted; then what
 * waits rejects with the abort reason.
 */
export class HookChain {
  readonly #hooks: readonly Hook[];
  /** Last ones first; observers at the very end, when nothing changes any more. */
  readonly #fromTheEnd: readonly Hook[];
  readonly #signal: AbortSignal;

  /** @param hooks In the order in which they run before something. */
  constructor(hooks: readonly Hook[], signal: AbortSignal) {
    const reversed = hooks.toReversed();
    this.#hooks = hooks;
    this.#fromTheEnd = [
      ...reversed.filter(({ observer }) => !observer),
      ...reversed.filter(({ observer }) => observer),
    ];
    this.#signal = signal;
  }

  /** Whether any hook has something to do there. */
  has(point: HookPoint): boolean {
    return this.#hooks.some((hook) => hook[point] !== undefined);
  }

  /** Where something begins. @throws What a hook throws that is not an observer, at once. */
  async before(point: HookPoint, call: HookCall): Promise<void> {
    for (const hook of this.#hooks) {
      if (hook[point] === undefined) continue;
      try {
        await this.#settle(call(hook));
      } catch (error) {
        if (this.#signal.aborted || !hook.observer) throw error;
        reportFailure(hook, point, error);
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
  async after(
    point: HookPoint,
    call: HookCall,
    withhold: (error: unknown) => void,
  ): Promise<Failure> {
    const signal = this.#signal;
    let failure: Failure = null;
    for (const hook of this.#fromTheEnd) {
      if (hook[point] === undefined) continue;
      if (hook.observer && failure !== null) withhold(failure.error);
      try {
        await this.#settle(call(hook));
      } catch (error) {
        if (failure === null && (signal.aborted || !hook.observer)) failure = { error };
        else if (error !== signal.reason) reportFailure(hook, point, error);
      }
    }
    if (failure !== null) withhold(failure.error);
    return failure;
  }

  /** Where nothing can be stopped any more: whatever fails is reported, and an abort ends the wait. */
  async atEnd(point: HookPoint, call: HookCall): Promise<void> {
    const signal = this.#signal;
    for (const hook of this.#fromTheEnd) {
      if (hook[point] === undefined) continue;
      try {
        const pending = call(hook);
        if (!isPromiseLike(pending)) continue;
        const work = Promise.resolve(pending);
        // What was aborted cannot be aborted again, and its hooks still have to clean up.
        await (signal.aborted ? deadline(work, CLEAN_UP_MS) : abortable(work, signal));
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) reportFailure(hook, point, error);
      }
    }
  }

  async #settle(pending: unknown): Promise<void> {
    if (isPromiseLike(pending)) await abortable(Promise.resolve(pending), this.#signal);
  }
}

/** How long the hooks of a run that was aborted may each take to clean up. */
const CLEAN_UP_MS = 5000;

function reportFailure(hook: Hook, point: HookPoint, error: unknown): void {
  report(`hook "${nameOf(hook)}" failed in ${point}()`, error);
}

/** A point of a run at which hooks are called. */
export type HookPoint = keyof Hook & `on${string}`;

/**
 * The hooks in the order in which they run before something.
 *
 * @throws {TypeError} If one is not an object, or has a method that is not a function or no usable priority.
 * @throws {RangeError} If one allows a number of model attempts that is none.
 */
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

/** What messages call a hook. */
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
