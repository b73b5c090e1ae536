/** Whether `value` is a promise, or can be waited for like one. */
export function isPromiseLike<T>(value: T): value is T & PromiseLike<Awaited<T>> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** Handles what a callback of somebody's returned, which nobody waits for: a promise that rejects is told, or dropped. */
export function dropRejection(returned: unknown, tell: (error: unknown) => void = () => {}): void {
  if (isPromiseLike(returned)) Promise.resolve(returned).catch(tell);
}
