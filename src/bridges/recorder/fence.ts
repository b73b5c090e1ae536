/** What a bridge does beside its host's work. That is not to break, whatever happens here. */

import { summarize } from "../../core/error_text.ts";
import type { Run } from "../../core/run/run.ts";
import { withinRun } from "../../core/run/run_context.ts";

let hasReported = false;

/** Tells of the host's work. The first failure is printed; after it, all is as if that was not recorded. */
export function attempt<R>(tell: () => R): R | undefined {
  try {
    return tell();
  } catch (error) {
    if (hasReported) return undefined;
    hasReported = true;
    console.error(`Locus: a bridge failed to tell what its framework said: ${summarize(error)}`);
    return undefined;
  }
}

/** Calls `execute` once: in the place that `find` answers, else where it is. What `find` throws is not a host's. */
export function inside<R>(find: () => Run | undefined, execute: () => R): R {
  const run = attempt(find);
  return run === undefined ? execute() : withinRun(run, execute);
}

/** Hooks that do not throw, in the same object. */
export function fence<H extends object>(hooks: H, names: readonly string[]): H {
  for (const name of names) {
    const hook = hooks[name as keyof H] as (...args: unknown[]) => unknown;
    const value = (...args: unknown[]) => attempt(() => Reflect.apply(hook, hooks, args));
    Object.defineProperty(hooks, name, { value, configurable: true, writable: true });
  }
  return hooks;
}
