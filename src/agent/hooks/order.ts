/** Which hooks an agent has, checked and in their order. */

import { describe } from "../../core/options.ts";
import { isRecord } from "../../core/json.ts";
import { readWhole } from "../../core/option_values.ts";
import type { Hook } from "./hook.ts";
import { HookPriority } from "./priority.ts";

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
