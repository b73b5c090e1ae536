import type { Call, End, Followed, Look, Methods } from "./followed.ts";
import { followStep } from "./follow_promise.ts";

/**
 * Runs the steps of an iterator in the context of the work, and ends the work with the last one. A missing `return`
 * is added: without it, nothing shows that the consumer left.
 */
export function followIterator(iterator: Methods, followed: Followed, end: End): void {
  const isQueued = iterator.next === AsyncGenerator.next;
  const inOrder = isQueued ? queue() : (step: Call) => step();
  let isLeft = false;
  const leave: Call = (value) => {
    const result = { value, done: true };
    return Symbol.asyncIterator in iterator ? Promise.resolve(result) : result;
  };
  for (const name of ["next", "return", "throw"]) {
    const isReturn = name === "return";
    if (!isReturn && typeof iterator[name] !== "function") continue;
    const finish: Look = (result) => {
      // What leaves a generator may have it go on. Other iterators may answer anything.
      if ((result as { done?: unknown } | null)?.done ?? isReturn) end(isLeft ? "left" : "done");
    };
    followed.replace(iterator, name, (call, args) => {
      isLeft ||= isReturn;
      return followStep(
        followed,
        () => inOrder(() => call(...args)),
        finish,
        (error) => end("failed", error),
      );
    }, leave);
  }
}

/** Follows each iterator that an object makes; the work ends with the first one that is over. */
export function followIterable(
  object: Methods,
  name: PropertyKey,
  followed: Followed,
  end: End,
): void {
  followed.observe(object, name, (iterator, [options]) => {
    // A stream can be left without being cancelled. The work is not over then.
    const { preventCancel } = Object(options);
    if (iterator !== object) {
      followIterator(
        iterator,
        followed,
        preventCancel ? (how, error) => how === "left" || end(how, error) : end,
      );
    }
  });
}

const AsyncGenerator = /* @__PURE__ */ Object.getPrototypeOf(async function* () {}).prototype;

/** Makes one call after the other: a step that waits in the generator itself has no context on some runtimes. */
function queue(): (step: Call) => unknown {
  let running: Promise<unknown> | undefined;
  return (step) => {
    // At once if nothing is under way, as the generator itself would.
    const result = (running === undefined ? step() : running.then(step)) as Promise<unknown>;
    const free = () => {
      if (running === last) running = undefined;
    };
    const last: Promise<unknown> = running = result.then(free, free);
    return result;
  };
}
