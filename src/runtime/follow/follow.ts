/**
 * Following work: a function returns, and what it returned goes on working. All of that runs in the context of the
 * function, and its end is noticed, without a difference for the consumer.
 *
 * The object stays the same one, with methods of its own in front of those of its prototype. A proxy would break private
 * fields, and a copy is another object. What cannot be watched without changing it is not watched.
 */
import { type End, Followed, type Methods, type SnapshotRun } from "./followed.ts";
import { followIterable, followIterator } from "./follow_iterator.ts";
import { followPromise, followThenable, isPlainPromise } from "./follow_promise.ts";
import { followStream } from "./follow_stream.ts";

/**
 * Calls `fn`, and `end` when what it returns is over: a promise of any kind, an iterator, a stream, or an object that
 * can be iterated. Everything else is over at once.
 *
 * @param capture Captures the current async context. This has to be called in that of the work.
 * @param isWork Whether a value is followed at all. What is not is over at once.
 * @returns What `fn` returns; in place of a plain promise, one like it.
 */
export function follow<R>(
  fn: () => R,
  capture: () => SnapshotRun,
  end: End,
  isWork: IsWork = () => true,
): R {
  let result: R;
  try {
    result = fn();
  } catch (error) {
    end("failed", error);
    throw error;
  }
  return followValue(result, capture, end, isWork) as R;
}

type IsWork = (value: unknown) => boolean;

// An object belongs to the innermost work that returns it. The work around that shares its end.
const objects = /* @__PURE__ */ new WeakMap<object, Followed>();

function followValue(
  value: unknown,
  capture: () => SnapshotRun,
  end: End,
  isWork: IsWork,
): unknown {
  // Most of what is returned is text, a number or nothing: no need to look for methods, or to fail at it.
  if (value === null || typeof value !== "object" && typeof value !== "function") {
    end("done");
    return value;
  }
  try {
    const look = (result: unknown) => followValue(result, capture, end, isWork);
    const fail = (error: unknown) => end("failed", error);
    if (isPlainPromise(value)) return followPromise(value, look, fail);
    const object = value as Methods;
    const followed = isWork(value)
      ? objects.get(object) ?? followObject(object, capture)
      : undefined;
    if (followed !== undefined) {
      followed.add(end);
      return value;
    }
  } catch {
    // It has no properties, is frozen, only looks like a promise, or is a proxy that refuses.
  }
  end("done");
  return value;
}

/** Follows an object; undefined if it does nothing that can be followed. */
function followObject(object: Methods, capture: () => SnapshotRun): Followed | undefined {
  const has = (name: PropertyKey) => typeof object[name] === "function";
  const isStream = has("getReader") && has("tee");
  // An RxJS subject and a Node stream have other consumers than the one who iterates them.
  const isOwn = !has("subscribe");
  const isIterable = isOwn && has(Symbol.asyncIterator) && !has("pipe");
  const isIterator = isOwn && has("next") && (has(Symbol.asyncIterator) || has(Symbol.iterator));
  if (!(isStream || isIterable || isIterator || has("then"))) return undefined;

  const followed = new Followed(capture);
  const { end } = followed;
  if (has("then")) {
    const look = (value: unknown) =>
      followed.inside(() => followValue(value, capture, end, () => true));
    followThenable(object, followed, look, (error) => end("failed", error));
  }
  if (isStream) followStream(object, followed, end);
  else if (isIterable) followIterable(object, Symbol.asyncIterator, followed, end);
  if (isIterator) followIterator(object, followed, end);
  objects.set(object, followed);
  return followed;
}
