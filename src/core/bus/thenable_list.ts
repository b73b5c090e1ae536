/**
 * Makes a list that can be awaited, too: what is at hand in process, in the shape that all buses share. It stays an array
 * like any other; awaiting it gives one without `then`.
 */
export function thenableList<T>(items: T[]): T[] & PromiseLike<T[]> {
  const then: PromiseLike<T[]>["then"] = (onFulfilled, onRejected) =>
    Promise.resolve([...items]).then(onFulfilled, onRejected);
  // Not enumerable: it is equal to a plain array, and is sent and written like one.
  return Object.defineProperty(items, "then", { value: then }) as T[] & PromiseLike<T[]>;
}
