import { readBy, whole } from "../../core/option_rules.ts";

/** Options of a {@linkcode CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** After so many failures in a row a tool is not called any more. @default {3} */
  failureThreshold?: number;
}

/**
 * Stops calling tools that keep failing: their service is down, and each call costs time and a turn.
 *
 * - **Counted** is each time that a body throws or runs out of time, retries of hooks included. A success
 *   sets the tool's count to 0. What was cancelled, or asks a person, is neither.
 * - **Open:** every call fails at once with `Circuit breaker open for tool: <name>`, which the model
 *   reads; such a failure is not remembered for idempotent tools. Calls that are under way go on.
 * - **Closing:** only {@linkcode CircuitBreaker.reset} closes it again: from a timer, a health check, a person.
 * - **Scope:** agents with the same breaker share its counts, over all their runs. It counts by name, so tools of
 *   the same name should be the same tool.
 *
 * It wraps each call and leaves how many run at the same time to `toolExecution` and `maxConcurrency`.
 *
 * @example Give a service a rest
 * ```ts
 * import { CircuitBreaker } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const circuitBreaker = new CircuitBreaker({ failureThreshold: 5 });
 * // new Agent({ model, tools, circuitBreaker })
 * assertEquals(circuitBreaker.isOpen("search"), false);
 * circuitBreaker.reset("search");
 * ```
 */
export class CircuitBreaker {
  readonly #threshold: number;
  // Only of tools that have failed and not succeeded since.
  readonly #failures = new Map<string, number>();

  /** Makes a breaker that is closed for all tools. @throws {TypeError | RangeError} If an option is wrong. */
  constructor(options: CircuitBreakerOptions = {}) {
    const read = readBy("CircuitBreaker", options, { failureThreshold: whole(3, 1) });
    this.#threshold = read.failureThreshold;
  }

  /** Whether calls of that tool are refused. */
  isOpen(toolName: string): boolean {
    return (this.#failures.get(toolName) ?? 0) >= this.#threshold;
  }

  /** Notes how a call ended. An agent does this itself. */
  record(toolName: string, success: boolean): void {
    const failures = this.#failures.get(toolName) ?? 0;
    this.#failures.delete(toolName);
    if (success) return;
    this.#failures.set(toolName, failures + 1);
    // Names may come from elsewhere, such as from servers: the one that failed least lately is forgotten.
    if (this.#failures.size > MAX_NAMES) this.#failures.delete(this.#failures.keys().next().value!);
  }

  /** Lets calls of that tool through again; of all tools, if none is named. */
  reset(toolName?: string): void {
    if (toolName === undefined) this.#failures.clear();
    else this.#failures.delete(toolName);
  }
}

const MAX_NAMES = 1000;
