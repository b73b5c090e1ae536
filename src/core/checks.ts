import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { describe } from "./options.ts";

/** @throws {TypeError} If `runId` cannot name a run. */
export function checkRunId(owner: string, runId: unknown): void {
  if (!isRunId(runId)) {
    throw new TypeError(`${owner}: run_id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
  }
}

/** @throws {TypeError} If `signal` is neither undefined nor a signal. */
export function checkSignal(owner: string, signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${owner}: "signal" must be an AbortSignal, got ${describe(signal)}`);
  }
}

// Timers take no more: over it, they go off at once.
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws {RangeError} If `timeoutMs` is neither undefined nor a number that a timer can take. */
export function checkTimeout(owner: string, timeoutMs: unknown): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === "number" && timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS) return;
  throw new RangeError(
    `${owner}: "timeoutMs" must be a number from 0 to ${MAX_TIMEOUT_MS}, got ${
      describe(timeoutMs)
    }`,
  );
}
