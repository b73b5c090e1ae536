import { checkFunction, checkOptions } from "../../core/options.ts";
import { createConsoleReporter } from "../../core/bus/event_bus_options.ts";
import type { AgentEvent } from "../../events/agent_events.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { isError } from "../../runtime/realm.ts";
import { describe, hasMethod } from "../../core/describe.ts";

/** Any event that an agent yields; also of a kind that this version does not know. */
export type StreamedEvent = AgentEvent | {
  /** Which event it is. */
  readonly event_type: string;
  /** When it happened: ISO 8601 in UTC. */
  readonly timestamp: string;
};

/**
 * Does something with each event that an agent yields. It is called synchronously; what takes time, it does by
 * itself.
 */
export interface StreamHandler {
  /** An event came. */
  onEvent(event: StreamedEvent): void;
  /** There are no more. */
  onComplete(): void;
  /** There are no more, because the run failed. */
  onError(error: unknown): void;
}

/** Options of {@linkcode handleStream}. */
export interface HandleStreamOptions {
  /** Told what the handler threw; the run goes on. @default {a handler that prints to the console} */
  onHandlerError?: (error: Error) => void;
}

/**
 * Hands everything that an agent yields to a handler.
 *
 * @throws {TypeError} If an argument is not what it must be, or an option unknown.
 * @throws What the stream throws, after the handler got it; never what the handler throws.
 *
 * @example Watch an agent
 * ```ts
 * import { BufferingHandler, handleStream } from "@locus/core/consumers";
 * import { assertEquals } from "@std/assert";
 *
 * async function* run() { // or agent.run("…")
 *   yield { event_type: "think", timestamp: new Date().toISOString() };
 * }
 *
 * const seen = new BufferingHandler();
 * await handleStream(run(), seen);
 * assertEquals([seen.events.length, seen.isComplete], [1, true]);
 * ```
 */
export async function handleStream(
  stream: AsyncIterable<StreamedEvent>,
  handler: StreamHandler,
  options: HandleStreamOptions = {},
): Promise<void> {
  const owner = "handleStream()";
  if (!hasMethod(stream, Symbol.asyncIterator)) {
    throw new TypeError(`${owner}: expected a stream of events, got ${describe(stream)}`);
  }
  checkHandler(owner, handler);
  checkOptions(owner, options, ["onHandlerError"]);
  checkFunction(owner, "onHandlerError", options.onHandlerError);
  const report = options.onHandlerError ?? createConsoleReporter();
  try {
    for await (const event of stream) attempt(() => handler.onEvent(event), report);
  } catch (error) {
    attempt(() => handler.onError(error), report);
    throw error;
  }
  attempt(() => handler.onComplete(), report);
}

/** @throws {TypeError} If `handler` is not a handler. */
export function checkHandler(owner: string, handler: unknown): void {
  if (["onEvent", "onComplete", "onError"].every((name) => hasMethod(handler, name))) return;
  throw new TypeError(
    `${owner}: expected a handler with onEvent(), onComplete() and onError(), got ${
      describe(handler)
    }`,
  );
}

/** Calls a handler. What it throws, or rejects with, goes to `report`, and nowhere else. */
export function attempt(call: () => unknown, report: (error: Error) => unknown): void {
  const tell = (error: unknown) => {
    try {
      dropRejection(report(isError(error) ? error : new Error(String(error))));
    } catch {
      // There is nowhere left to report to.
    }
  };
  try {
    dropRejection(call(), tell);
  } catch (error) {
    tell(error);
  }
}
