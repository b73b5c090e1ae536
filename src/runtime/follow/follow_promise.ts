import { isPromiseLike } from "../promise_like.ts";
import type { Followed, Look, Methods } from "./followed.ts";

// The global may be another one, such as that of zone.js: async functions return this one all the same.
const NativePromise = /* @__PURE__ */ (async () => {})().constructor as PromiseConstructor;

/** Whether `value` can be waited for. Never throws. */
export function isThenable(value: unknown): value is Methods {
  try {
    return isPromiseLike(value);
  } catch {
    // A proxy that was revoked, or a getter that throws.
    return false;
  }
}

/** Whether `value` is a promise of this realm, and of no class of its own. Never throws. */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  return isThenable(value) && Object.getPrototypeOf(value) === NativePromise.prototype &&
    value.constructor === NativePromise;
}

/**
 * A promise like the given one, with the properties that were added to it. It cannot be the same object: `await`
 * does not call `then`, and a reaction counts as a handler, so an unhandled rejection would go unreported.
 */
export function followPromise(
  promise: Promise<unknown>,
  onValue: Look,
  onError: Look,
): Promise<unknown> {
  const followed = NativePromise.prototype.then.call(
    promise,
    (value) => onValue(value) ?? value,
    (error) => {
      onError(error);
      throw error;
    },
  );
  for (const key of Reflect.ownKeys(promise)) {
    // What a runtime keeps in every promise is there already, and concerns this one.
    if (Object.hasOwn(followed, key)) continue;
    Object.defineProperty(followed, key, Reflect.getOwnPropertyDescriptor(promise, key)!);
  }
  return followed;
}

/**
 * Looks at what a thenable comes to when its consumer asks. Nobody else may call its `then`, because that may be what
 * starts the work. The work runs in its own context, the consumer's callbacks in that of the consumer.
 */
export function followThenable(
  thenable: Methods,
  followed: Followed,
  onValue: Look,
  onError: Look,
): void {
  // A promise passes on what it has no callback for. What another thenable does then is its own affair.
  const isPromise = thenable[Symbol.toStringTag] === "Promise";
  followed.replace(thenable, "then", (then, args) => {
    const outside = followed.capture();
    let isSeen = true;
    const look = (index: number, see: Look, pass: Look) => {
      const callback = args[index];
      if (typeof callback === "function") {
        args[index] = function (this: unknown, value: unknown, ...more: unknown[]): unknown {
          const seen = see(value) ?? value;
          return outside(() => Reflect.apply(callback, this, [seen, ...more]));
        };
      } else if (isPromise) args[index] = pass;
      else isSeen = false;
    };
    const seeValue: Look = (value) => followed.isOver ? value : onValue(value) ?? value;
    const rethrow = (error: unknown): never => {
      onError(error);
      throw error;
    };
    look(0, seeValue, seeValue);
    look(1, onError, rethrow);
    try {
      const result = then(...args);
      return isSeen || !isPlainPromise(result) ? result : followPromise(result, seeValue, onError);
    } catch (error) {
      return rethrow(error);
    }
  });
}

/** Calls `step` and looks at what it comes to, now or when the consumer gets it. */
export function followStep(
  followed: Followed,
  step: () => unknown,
  onValue: Look,
  onError: Look,
): unknown {
  let result: unknown;
  try {
    result = step();
  } catch (error) {
    onError(error);
    throw error;
  }
  try {
    if (isPlainPromise(result)) return followPromise(result, onValue, onError);
    if (!isThenable(result)) return onValue(result) ?? result;
    followThenable(result, followed, onValue, onError);
  } catch {
    // It cannot be followed.
  }
  return result;
}
