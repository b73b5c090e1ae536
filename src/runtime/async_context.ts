/**
 * The `AsyncContext` of the TC39 proposal, as far as today's runtimes can carry it.
 *
 * This is the one place where a runtime is named. Three engines, chosen at the first
 * {@linkcode AsyncVariable.run}, never at import:
 *
 * 1. the native `AsyncContext`, where one exists (none does yet);
 * 2. `AsyncLocalStorage`: Deno, Bun, Node 20.16 and later, workerd with `nodejs_compat`;
 * 3. nothing (browsers): values must be handed on explicitly, and reading fails loudly while a value
 *    is set, because the answer would be a guess.
 */

import { isPromiseLike } from "./promise_like.ts";

/** The part of the proposal's `AsyncContext.Variable`, and of `AsyncLocalStorage`, that is used. */
interface Store<T> {
  run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R;
  get(): T | undefined;
}

type SnapshotRun = <R, A extends unknown[]>(fn: (...args: A) => R, ...args: A) => R;

interface Engine {
  createStore<T>(): Store<T>;
  captureSnapshot(): SnapshotRun;
}

/** Options of an {@linkcode AsyncVariable}, as in the proposal. */
export interface AsyncVariableOptions<T> {
  /** Shown by debuggers. @default {""} */
  name?: string;
  /** What {@linkcode AsyncVariable.get} answers where no value is set. @default {undefined} */
  defaultValue?: T;
}

/**
 * A value that follows the flow of a program through awaits, timers and callbacks: the shape of
 * `AsyncContext.Variable`. There is no `set` and no `enterWith`: a value holds for one function call
 * and all that it starts.
 */
export class AsyncVariable<T> {
  /** As given; for debuggers. */
  readonly name: string;
  readonly #defaultValue: T | undefined;
  // Undefined until the first run(): a program that never sets a value pays one comparison.
  #store: Store<T> | undefined;

  /** Makes a variable that is set nowhere. */
  constructor(options: AsyncVariableOptions<T> = {}) {
    this.name = options.name ?? "";
    this.#defaultValue = options.defaultValue;
  }

  /** Calls `fn` with `value` set for it and for everything that it starts. */
  run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R {
    const store = this.#store ??= engine().createStore<T>();
    // The store cannot tell "set to undefined" from "not set"; the proposal can.
    return store.run(value === undefined ? (UNDEFINED as T) : value, fn, ...args);
  }

  /**
   * The value that is set here, or the default.
   *
   * @throws {Error} If this runtime cannot know, and a value is set somewhere (browsers).
   */
  get(): T | undefined {
    if (this.#store === undefined) return this.#defaultValue;
    const value = this.#store.get();
    if (value === undefined) return this.#defaultValue;
    return value === UNDEFINED ? undefined : value;
  }
}

/**
 * The values of all variables as they are now, to call functions with later: the shape of
 * `AsyncContext.Snapshot`.
 */
export class Snapshot {
  readonly #run: SnapshotRun = engine().captureSnapshot();

  /** Calls `fn` with the captured values. */
  run<R, A extends unknown[]>(fn: (...args: A) => R, ...args: A): R {
    return this.#run(fn, ...args);
  }

  /** A function that always runs with the values of this moment. */
  static wrap<R, A extends unknown[], This>(
    fn: (this: This, ...args: A) => R,
  ): (this: This, ...args: A) => R {
    const snapshot = new Snapshot();
    return function (this: This, ...args: A): R {
      return snapshot.run(() => fn.apply(this, args));
    };
  }
}

/** Whether this runtime carries context through awaits. False in browsers. */
export function hasAsyncContext(): boolean {
  return engine() !== explicitOnly;
}

const UNDEFINED: unknown = Symbol("undefined");

let chosen: Engine | undefined;

function engine(): Engine {
  return chosen ??= nativeEngine() ?? localStorageEngine() ?? explicitOnly;
}

function nativeEngine(): Engine | undefined {
  const { AsyncContext } = globalThis as {
    AsyncContext?: {
      Variable: new <T>() => Store<T>;
      Snapshot: new () => { run: SnapshotRun };
    };
  };
  if (AsyncContext === undefined) return undefined;
  return {
    createStore: <T>() => new AsyncContext.Variable<T>(),
    captureSnapshot() {
      const snapshot = new AsyncContext.Snapshot();
      return (fn, ...args) => snapshot.run(fn, ...args);
    },
  };
}

interface AsyncLocalStorage<T> {
  run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R;
  getStore(): T | undefined;
}

function localStorageEngine(): Engine | undefined {
  // Not `import "node:async_hooks"`: that would end every browser bundle.
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): Record<string, unknown> | undefined };
  };
  const hooks = process?.getBuiltinModule?.("node:async_hooks") as {
    AsyncLocalStorage: {
      new <T>(): AsyncLocalStorage<T>;
      snapshot(): SnapshotRun;
    };
  } | undefined;
  if (hooks === undefined) return undefined;
  const { AsyncLocalStorage } = hooks;
  return {
    createStore<T>(): Store<T> {
      const storage = new AsyncLocalStorage<T>();
      return {
        run: (value, fn, ...args) => storage.run(value, fn, ...args),
        get: () => storage.getStore(),
      };
    },
    captureSnapshot: () => AsyncLocalStorage.snapshot(),
  };
}

const explicitOnly: Engine = {
  createStore<T>(): Store<T> {
    let active = 0;
    return {
      run(_value, fn, ...args) {
        active++;
        let result;
        try {
          result = fn(...args);
        } catch (error) {
          active--;
          throw error;
        }
        if (!isPromiseLike(result)) {
          active--;
          return result;
        }
        const settle = () => void active--;
        result.then(settle, settle);
        return result;
      },
      get() {
        if (active === 0) return undefined;
        throw new Error(
          "This runtime has no async context, so the current run cannot be known: " +
            "use the run handle that runContext() hands to its function, as in run.emit(…)",
        );
      },
    };
  },
  captureSnapshot: () => (fn, ...args) => fn(...args),
};
