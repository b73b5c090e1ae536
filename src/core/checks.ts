import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { describe, hasMethod, isPlain, isRecord } from "./describe.ts";
import { isSignal } from "../runtime/realm.ts";
import { MAX_TIMER_MS } from "./option_values.ts";

/** @throws {TypeError} If `runId` cannot name a run, or what else is named by the same rule. */
export function checkRunId(
  owner: string,
  runId: unknown,
  name = "run_id",
): asserts runId is string {
  if (!isRunId(runId)) {
    throw new TypeError(`${owner}: ${name} must be ${RUN_ID_RULE}, got ${describe(runId)}`);
  }
}

/**
 * The runs of a list, each once.
 *
 * @throws {TypeError} If one cannot name a run.
 * @throws {RangeError} If they are none, or too many to be read at a time.
 */
export function checkRunIds(owner: string, list: readonly string[]): ReadonlySet<string> {
  const runIds = new Set(list);
  if (runIds.size < 1 || runIds.size > MAX_MERGED) {
    throw new RangeError(`${owner}: expected 1 to ${MAX_MERGED} runs, got ${runIds.size}`);
  }
  for (const runId of runIds) checkRunId(owner, runId);
  return runIds;
}

const MAX_MERGED = 100;

/** @throws {TypeError} If `signal` is neither undefined nor a signal. */
export function checkSignal(owner: string, signal: unknown): void {
  if (signal !== undefined && !isSignal(signal)) {
    const hint = hasMethod(signal, "abort") ? "; did you mean its .signal?" : "";
    throw new TypeError(
      `${owner}: "signal" must be an AbortSignal, got ${describe(signal)}${hint}`,
    );
  }
}

/**
 * @param what What is checked, as an error message begins.
 * @param methods What is needed of it.
 * @throws {TypeError} If `bus` is not an event bus.
 */
export function checkBus(what: string, bus: unknown, methods: readonly string[] = ALL): void {
  if (methods.every((name) => hasMethod(bus, name))) return;
  throw new TypeError(`${what} an event bus, got ${describe(bus)}`);
}

/**
 * @param what What is checked, as an error message begins.
 * @throws {TypeError} If `run` is not a run handle.
 */
export function checkRun(what: string, run: unknown): void {
  if (hasMethod(run, "inSpan") && hasMethod(run, "emit")) return;
  throw new TypeError(`${what} a run, got ${describe(run)}`);
}

/**
 * @param what What is checked, as an error message begins.
 * @throws {TypeError} If `event` has no type, or no payload.
 */
export function checkEvent(what: string, event: unknown): void {
  if (isRecord(event) && typeof event.event_type === "string" && isRecord(event.data)) return;
  throw new TypeError(`${what} an event, got ${describe(event)}`);
}

/** @throws {TypeError} If `value` is not a string. */
export function checkText(owner: string, name: string, value: unknown): void {
  if (typeof value === "string") return;
  throw new TypeError(`${owner}: "${name}" must be a string, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` is given and does not hold values by name. */
export function checkRecord(owner: string, name: string, value: unknown): void {
  if (value === undefined || isPlain(value)) return;
  throw new TypeError(`${owner}: "${name}" must be an object, got ${describe(value)}`);
}

/** @throws {TypeError} If `from` is not a valid start. */
export function checkFrom(owner: string, from: unknown): void {
  if (from === "history" || from === "live" || (Number.isSafeInteger(from) && from as number < 0)) {
    return;
  }
  throw new TypeError(
    `${owner}: "from" must be "history", "live" or a negative whole number, got ${describe(from)}`,
  );
}

/** @throws {TypeError} If `after` is neither null nor a string. `expected` describes it in the message. */
export function checkAfter(owner: string, after: unknown, expected: string): void {
  if (after === null || typeof after === "string") return;
  throw new TypeError(`${owner}: "after" must be ${expected}, got ${describe(after)}`);
}

/** @throws {RangeError} If `timeoutMs` is neither undefined nor a number that a timer can take. */
export function checkTimeout(owner: string, timeoutMs: unknown): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === "number" && timeoutMs >= 0 && timeoutMs <= MAX_TIMER_MS) return;
  throw new RangeError(
    `${owner}: "timeoutMs" must be a number from 0 to ${MAX_TIMER_MS}, got ${describe(timeoutMs)}`,
  );
}

/** @throws {TypeError} If `value` is given and is neither true nor false. */
export function checkFlag(owner: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`${owner}: "${name}" must be true or false, got ${describe(value)}`);
}

/** @throws {TypeError} If `events` is neither undefined nor made by `defineEvents()`. */
export function checkEvents(owner: string, events: unknown): void {
  if (events === undefined) return;
  if (isRecord(events) && isRecord(events.schemas) && hasMethod(events, "narrow")) return;
  throw new TypeError(
    `${owner}: "events" must be what defineEvents() returns, got ${describe(events)}`,
  );
}

/** What a bus is told by. */
const ALL = ["publish", "writer", "subscribe", "subscribeGlobal", "closeStream"];

/** What is needed of a bus that is only published to. */
export const WRITING: readonly string[] = ["writer"];
