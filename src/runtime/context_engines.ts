/**
 * What carries values through a program. This is the one place where a runtime is named. Three engines:
 *
 * 1. the native `AsyncContext`, where one exists (none does yet);
 * 2. `AsyncLocalStorage`: Deno, Bun, Node 20.16 and later, workerd with `nodejs_compat`, and edge runtimes
 *    that have it as a global (Next, Vercel);
 * 3. nothing (browsers).
 */

import { builtinModule } from "./builtin_module.ts";
import { follow } from "./follow/follow.ts";
import { isThenable } from "./follow/follow_promise.ts";
import type { SnapshotRun } from "./follow/followed.ts";

/** The part of the proposal's `AsyncContext.Variable`, and of `AsyncLocalStorage`, that is used. */
export interface Store<T> {
  run<R>(value: T, fn: () => R): R;
  get(): T | undefined;
}

/** What carries values through a program. */
export interface Engine {
  /** Whether to enter a snapshot costs less than a promise. On Node and Deno it costs three to nine times as much. */
  readonly isSnapshotCheap: boolean;
  createStore<T>(name: string): Store<T>;
  captureSnapshot(): SnapshotRun;
}

/** The best engine that this runtime has. */
export function chooseEngine(): Engine {
  return nativeEngine() ?? localStorageEngine() ?? explicitOnly;
}

function nativeEngine(): Engine | undefined {
  const { AsyncContext } = globalThis as {
    AsyncContext?: {
      Variable: new <T>(options: { name: string }) => Store<T>;
      Snapshot: new () => { run: SnapshotRun };
    };
  };
  if (typeof AsyncContext?.Variable !== "function") return undefined;
  return {
    isSnapshotCheap: false,
    createStore: <T>(name: string) => new AsyncContext.Variable<T>({ name }),
    captureSnapshot() {
      const snapshot = new AsyncContext.Snapshot();
      return (fn) => snapshot.run(fn);
    },
  };
}

interface AsyncLocalStorage {
  new <T>(options: { name: string }): {
    run<R>(value: T, fn: () => R): R;
    getStore(): T | undefined;
  };
  snapshot(): SnapshotRun;
}

interface AsyncResource {
  new (type: string): { runInAsyncScope: SnapshotRun };
}

function localStorageEngine(): Engine | undefined {
  const { AsyncLocalStorage, AsyncResource } =
    builtinModule<{ AsyncLocalStorage: AsyncLocalStorage; AsyncResource?: AsyncResource }>(
      "node:async_hooks",
    ) ?? globalThis as { AsyncLocalStorage?: AsyncLocalStorage; AsyncResource?: undefined };
  if (AsyncLocalStorage === undefined) return undefined;
  return {
    isSnapshotCheap: "Bun" in globalThis,
    createStore<T>(name: string): Store<T> {
      // Its own `defaultValue` is not used: Node 20 does not know it.
      const storage = new AsyncLocalStorage<T>({ name });
      return { run: (value, fn) => storage.run(value, fn), get: () => storage.getStore() };
    },
    captureSnapshot() {
      if (AsyncResource === undefined) return AsyncLocalStorage.snapshot();
      // Node makes the same of a snapshot, but binds a function to it, which weighs a kilobyte more.
      const resource = new AsyncResource("Snapshot");
      return (fn) => resource.runInAsyncScope(fn);
    },
  };
}

/** The engine of runtimes that carry nothing. */
export const explicitOnly: Engine = {
  isSnapshotCheap: true,
  createStore<T>(): Store<T> {
    let active = 0;
    return {
      run(_value, fn) {
        active++;
        // Only what is waited for. What can be read may never be, and get() would throw for ever.
        return follow(fn, explicitOnly.captureSnapshot, () => void active--, isThenable);
      },
      get() {
        if (active === 0) return undefined;
        throw new Error(
          "This runtime has no async context to find the run by: use the handle of runContext(), as in " +
            'run.emit(…). Cloudflare Workers has one with the flag "nodejs_compat", Node since 20.16',
        );
      },
    };
  },
  captureSnapshot: () => (fn) => fn(),
};
