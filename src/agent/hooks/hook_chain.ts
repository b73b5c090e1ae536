/** Calls hooks one after the other: in which order, how long they are waited for, what their errors do. */

import { abortable, deadline } from "../../core/waits.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { report } from "../state/report.ts";
import type { Failure } from "../loop/feature.ts";
import type { Hook } from "./hook.ts";
import { type HookPoint, nameOf } from "./order.ts";

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
