import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { describe } from "./options.ts";

/** @throws {TypeError} If `runId` cannot name a run. */
export function checkRunId(owner: string, runId: unknown): void {
  if (!isRunId(runId)) {
    throw new TypeError(`${owner}: run id must be ${RUN_ID_RULE}, got ${describe(runId)}`);
  }
}

/** @throws {TypeError} If `signal` is neither undefined nor a signal. */
export function checkSignal(owner: string, signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${owner}: "signal" must be an AbortSignal, got ${describe(signal)}`);
  }
}

/** @throws {RangeError} If `timeoutMs` is neither undefined nor a number of at least 0. */
export function checkTimeout(owner: string, timeoutMs: unknown): void {
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0)) {
    throw new RangeError(
      `${owner}: "timeoutMs" must be a number of at least 0, got ${describe(timeoutMs)}`,
    );
  }
}
