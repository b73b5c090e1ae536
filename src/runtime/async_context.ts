/**
 * The `AsyncContext` of the TC39 proposal, as far as today's runtimes can carry it.
 *
 * Where none can (browsers), values must be handed on explicitly, and reading fails loudly while a value
 * is set, because the answer would be a guess. The engine is chosen at the first
 * {@linkcode AsyncVariable.run} or {@linkcode Snapshot}, never at import.
 */

import { chooseEngine, type Engine, explicitOnly, type Store } from "./context_engines.ts";
import type { SnapshotRun } from "./follow/followed.ts";

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
  readonly #name: string;
  readonly #defaultValue: T | undefined;
  // Undefined until the first run(): a program that never sets a value pays one comparison.
  #store: Store<T> | undefined;

  /** Makes a variable that is set nowhere. */
  constructor(options?: AsyncVariableOptions<T>) {
    // As in the proposal, what is not an object counts as no options, and a name is made a string.
    const given = Object(options) === options ? options! : {};
    this.#name = "name" in given ? `${given.name}` : "";
    this.#defaultValue = given.defaultValue;
  }

  /** As given; for debuggers. */
  get name(): string {
    return this.#name;
  }

  /** Calls `fn` with `value` set for it and for everything that it starts. */
  run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R {
    const store = this.#store ??= engine().createStore<T>(this.#name);
    // The store cannot tell "set to undefined" from "not set"; the proposal can. The closure is there for
    // `this`: left to themselves, the runtimes call `fn` on null, on undefined or on the global object.
    return store.run(value === undefined ? (UNDEFINED as T) : value, () => fn(...args));
  }

  /**
   * The value that is set here, or the default.
   *
   * @throws {Error} If this runtime cannot know, and a value is set somewhere (browsers).
   */
  get(): T | undefined {
    const value = this.#store?.get();
    if (value === undefined) return this.#defaultValue;
    return value === UNDEFINED ? undefined : value;
  }
}

/**
 * The values of all variables as they are now, to call functions with later: the shape of
 * `AsyncContext.Snapshot`.
 */
export class Snapshot {
  readonly #run: SnapshotRun = captureSnapshot();

  /** Calls `fn` with the captured values. */
  run<R, A extends unknown[]>(fn: (...args: A) => R, ...args: A): R {
    return this.#run(() => fn(...args));
  }

  /**
   * A function that always runs with the values of this moment.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  static wrap<R, A extends unknown[], This>(
    fn: (this: This, ...args: A) => R,
  ): (this: This, ...args: A) => R {
    if (typeof fn !== "function") {
      throw new TypeError(`Snapshot.wrap(): expected a function, got ${typeof fn}`);
    }
    const snapshot = new Snapshot();
    // A method, because it must have a `this` and must not be a constructor.
    return {
      wrapped(this: This, ...args: A): R {
        return snapshot.run(() => fn.apply(this, args));
      },
    }.wrapped;
  }
}

/** What {@linkcode Snapshot} holds, as a function. */
export function captureSnapshot(): SnapshotRun {
  return engine().captureSnapshot();
}

/** The same where to enter it costs less than a promise; null elsewhere. */
export function cheapSnapshot(): SnapshotRun | null {
  return engine().isSnapshotCheap ? captureSnapshot() : null;
}

/** Whether this runtime carries context through awaits. False in browsers. */
export function hasAsyncContext(): boolean {
  return engine() !== explicitOnly;
}

const UNDEFINED: unknown = Symbol("undefined");

let chosen: Engine | undefined;

function engine(): Engine {
  return chosen ??= chooseEngine();
}
