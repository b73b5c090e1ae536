/** Code of the user's that runs at fixed points of a run. */

import { describe } from "../core/options.ts";
import { isRecord } from "./json.ts";
import { report } from "./report.ts";
import type { AgentState } from "./state.ts";

/** Where in the order a hook runs: lower is earlier before something, and later after it. */
export const HookPriority = {
  /** Checks that may stop everything else: 0 to 99. */
  SECURITY_DEFAULT: 50,
  /** Logs, traces, metrics: 100 to 199. */
  OBSERVABILITY_DEFAULT: 150,
  /** Rules of the application: 200 to 299. */
  BUSINESS_DEFAULT: 250,
  /** Hooks that do not say. */
  DEFAULT: 300,
} as const;

/** A hook: an object with any of these methods. Methods that it does not have are skipped. */
export interface Hook {
  /** Shown in messages about it. @default {the name of its class} */
  readonly name?: string;
  /** See {@linkcode HookPriority}. @default {300} */
  readonly priority?: number;
  /** It only watches: what it throws is reported and never ends the run. @default {false} */
  readonly observer?: boolean;
  /**
   * Once, before the first turn. May return another state to start from. Throwing ends the run with
   * the reason `error`.
   */
  onBeforeInvocation?(
    prompt: string,
    state: AgentState,
  ): AgentState | void | Promise<AgentState | void>;
  /**
   * Once for each segment of a run, at its very end, in reverse order, also if it failed or the
   * consumer left. What it throws is reported.
   *
   * @param success Whether the run did what it was asked: see `AgentResult.success`.
   */
  onAfterInvocation?(state: AgentState, success: boolean): void | Promise<void>;
}

/**
 * The hooks in the order in which they run before something.
 *
 * @throws {TypeError} If one is no object, or has a method that is no function or no usable priority.
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
    for (const point of POINTS) {
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

/** Runs the hooks before the first turn. @returns The state to start from. */
export async function runBeforeInvocation(
  hooks: readonly Hook[],
  prompt: string,
  state: AgentState,
): Promise<AgentState> {
  let current = state;
  for (const hook of hooks) {
    try {
      const next = await hook.onBeforeInvocation?.(prompt, current);
      if (next !== undefined) current = checkState(hook, next);
    } catch (error) {
      if (!hook.observer) throw error;
      report(`hook "${nameOf(hook)}" failed in onBeforeInvocation()`, error);
    }
  }
  return current;
}

/** Runs the hooks at the end of a segment, last ones first. Never throws. */
export async function runAfterInvocation(
  hooks: readonly Hook[],
  state: AgentState,
  success: boolean,
): Promise<void> {
  for (const hook of hooks.toReversed()) {
    try {
      await hook.onAfterInvocation?.(state, success);
    } catch (error) {
      report(`hook "${nameOf(hook)}" failed in onAfterInvocation()`, error);
    }
  }
}

const POINTS = ["onBeforeInvocation", "onAfterInvocation"] as const;

function priorityOf({ priority = HookPriority.DEFAULT }: Hook): number {
  return priority;
}

function nameOf(hook: Hook): string {
  return hook.name ?? hook.constructor.name;
}

function checkState(hook: Hook, state: AgentState): AgentState {
  if (isRecord(state) && Array.isArray(state.messages)) return state;
  throw new TypeError(
    `hook "${nameOf(hook)}": onBeforeInvocation() must return a state or nothing, ` +
      `got ${describe(state)}`,
  );
}
