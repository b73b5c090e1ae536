import { checkFunction, checkOptions } from "../../core/options.ts";
import { createConsoleReporter } from "../../core/event_bus_options.ts";
import type { AgentEvent } from "../../events/agent_events.ts";

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
 * @throws What the stream throws, after the handler was told; never what the handler throws.
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
  checkOptions("handleStream()", options, ["onHandlerError"]);
  checkFunction("handleStream()", "onHandlerError", options.onHandlerError);
  const report = options.onHandlerError ?? createConsoleReporter();
  try {
    for await (const event of stream) attempt(() => handler.onEvent(event), report);
  } catch (error) {
    attempt(() => handler.onError(error), report);
    throw error;
  }
  attempt(() => handler.onComplete(), report);
}

/** Calls a handler; what it throws is told to `report`, and nobody else notices. */
export function attempt(call: () => void, report: (error: Error) => void): void {
  try {
    call();
  } catch (error) {
    try {
      report(error instanceof Error ? error : new Error(String(error)));
    } catch {
      // Nobody is left to tell.
    }
  }
}
