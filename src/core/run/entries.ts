import type { Run } from "./run.ts";

/** Calls `enter`, which begins work in the place that the handle stands for, and returns what it returns. */
export type Entry = <R>(run: Run, enter: () => R) => R;

// As with the run context, one per process, also where two copies of this module are loaded.
const KEY = Symbol.for("@locus/core/entries");
const registry = globalThis as { [KEY]?: Set<Entry> };

/**
 * Has the work of all runs and spans entered through `entry`, so that it can be done in a context of another library as
 * well. What `entry` itself throws, the work would throw.
 *
 * @returns A function that undoes it.
 */
export function addEntry(entry: Entry): () => void {
  const entries = registry[KEY] ??= new Set();
  entries.add(entry);
  return () => void entries.delete(entry);
}

/** Begins work through all that was added. Where nothing was, this is one look at a property. */
export function enterThrough<R>(run: Run, enter: () => R): R {
  registry[KEY]?.forEach((entry) => {
    const inner = enter;
    enter = () => entry(run, inner);
  });
  return enter();
}
