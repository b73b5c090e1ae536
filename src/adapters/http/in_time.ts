import { settleOnce } from "../../core/settle_once.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";

/** How long a callback of the application may take to answer, in milliseconds. */
export const CALLBACK_TIMEOUT_MS = 5_000;

/**
 * What a callback of the application answered. One that never does must not hold a request for ever.
 *
 * @throws {DOMException} `TimeoutError` if there is no answer within {@linkcode CALLBACK_TIMEOUT_MS}.
 */
export function inTime<T>(name: string, answer: T | PromiseLike<T>): T | Promise<T> {
  if (!isPromiseLike(answer)) return answer as T;
  return settleOnce<T>(
    { timeoutMs: CALLBACK_TIMEOUT_MS },
    () => `"${name}" did not answer within ${CALLBACK_TIMEOUT_MS} ms`,
    ({ resolve, reject }) => {
      // Whatever comes later is dropped.
      answer.then(resolve, reject);
      return undefined;
    },
  );
}
