/**
 * What carries values through a program. This is the one place where a runtime is named. Three engines:
 *
 * 1. the native `AsyncContext`, where one exists (none does yet);
 * 2. `AsyncLocalStorage`: Deno, Bun, Node 20.16 and later, workerd with `nodejs_compat`;
 * 3. nothing (browsers).
 */

import { isPromiseLike } from "./promise_like.ts";

/** The part of the proposal's `AsyncContext.Variable`, and of `AsyncLocalStorage`, that is used. */
export interface Store<T> {
  run<R>(value: T, fn: () => R): R;
  get(): T | undefined;
}

/** Calls a function with the values that were captured. */
export type SnapshotRun = <R>(fn: () => R) => R;

/** What carries values through a program. */
export interface Engine {
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
    createStore: <T>(name: string) => new AsyncContext.Variable<T>({ name }),
    captureSnapshot() {
      const snapshot = new AsyncContext.Snapshot();
      return (fn) => snapshot.run(fn);
    },
  };
}

interface AsyncLocalStorage<T> {
  run<R>(value: T, fn: () => R): R;
  getStore(): T | undefined;
}

function localStorageEngine(): Engine | undefined {
  // Not `import "node:async_hooks"`: that would end every browser bundle.
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): Record<string, unknown> | undefined };
  };
  const hooks = process?.getBuiltinModule?.("node:async_hooks") as {
    AsyncLocalStorage: {
      new <T>(options: { name: string }): AsyncLocalStorage<T>;
      snapshot(): SnapshotRun;
    };
  } | undefined;
  if (hooks === undefined) return undefined;
  const { AsyncLocalStorage } = hooks;
  return {
    createStore<T>(name: string): Store<T> {
      // Its own `defaultValue` is not used: Node 20 does not know it.
      const storage = new AsyncLocalStorage<T>({ name });
      return {
        run: (value, fn) => storage.run(value, fn),
        get: () => storage.getStore(),
      };
    },
    captureSnapshot: () => AsyncLocalStorage.snapshot(),
  };
}

/** The engine of runtimes that carry nothing. */
export const explicitOnly: Engine = {
  createStore<T>(): Store<T> {
    let active = 0;
    const settle = () => void active--;
    return {
      run(_value, fn) {
        active++;
        let result;
        try {
          result = fn();
        } catch (error) {
          active--;
          throw error;
        }
        if (isPromiseLike(result)) return whenSettled(result, settle);
        active--;
        return result;
      },
      get() {
        if (active === 0) return undefined;
        throw new Error(
          "This runtime has no async context to find the run by: use the handle of " +
            "runContext(), as in run.emit(…)",
        );
      },
    };
  },
  captureSnapshot: () => (fn) => fn(),
};

/** The promise, with `settle` called before whoever waits for it goes on. */
function whenSettled<R>(promise: R & PromiseLike<Awaited<R>>, settle: () => void): R {
  // To listen to a promise is to handle its rejection. So a plain promise is passed on as the one that
  // follows it, and a rejection that nobody handles is still reported. What has more to it than a promise
  // must stay itself.
  const isPlain = Object.getPrototypeOf(promise) === Promise.prototype &&
    Reflect.ownKeys(promise).length === 0;
  if (isPlain) return (promise as R & Promise<Awaited<R>>).finally(settle) as R;
  promise.then(settle, settle);
  return promise;
}
