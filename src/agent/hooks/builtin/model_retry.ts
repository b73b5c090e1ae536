import { delay } from "../../../core/waits.ts";
import { MAX_TIMER_MS } from "../../../core/option_values.ts";
import { type ReadBy, readBy, type Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import type { AgentModelRetry } from "../../../events/catalogue/agent.ts";
import { type Hook, HookPriority } from "../hook.ts";
import { inSpan } from "../context.ts";
import type { AfterModelCallEvent, ModelErrorEvent } from "../model_events.ts";
import { classifyModelError, retryAfterSeconds, willFailAgain } from "../../model/failures.ts";

/** Options of a {@linkcode ModelRetryHook}; times in seconds. */
export interface ModelRetryOptions {
  /** How often a call is repeated at most. @default {3} */
  maxRetries?: number;
  /** The pause before the first retry, in seconds. @default {1} */
  initialDelay?: number;
  /** The longest pause, in seconds. @default {30} */
  maxDelay?: number;
  /** By how much each pause is longer than the one before. @default {2} */
  backoffFactor?: number;
  /** Repeat a call whose answer has neither text nor tool calls. @default {true} */
  retryOnEmpty?: boolean;
  /** See {@linkcode HookPriority}. @default {300} */
  priority?: number;
}

/**
 * Calls the model again when it gave an empty answer, or failed in a way that passes: rate limits,
 * timeouts, errors of the server, an answer that broke off or whose tool calls are malformed. What was streamed of it is
 * void, and the last `model_chunk` says so: `discarded`. Publishes `agent.model.retry` before each pause.
 *
 * - **Pauses** grow exponentially; cancelling the run ends them at once. A `Retry-After` of the server
 *   counts instead; if it asks for more than `maxDelay`, the call is not repeated: sooner would fail.
 * - **When the retries are used up**, an empty answer is accepted, and an error ends the run.
 * - Providers of the AI SDK do not retry on their own when an agent calls them; this hook does it.
 */
export class ModelRetryHook implements Hook {
  /** See {@linkcode HookPriority}. */
  readonly priority: number;
  /** So that the agent allows as many attempts. */
  readonly maxModelAttempts: number;
  readonly #options: ReadBy<typeof RULES>;
  #retriesTotal = 0;

  /** Makes the hook. @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of its range. */
  constructor(options: ModelRetryOptions = {}) {
    this.#options = readBy("ModelRetryHook", options, RULES);
    this.priority = this.#options.priority;
    this.maxModelAttempts = this.#options.maxRetries + 1;
  }

  /** How many retries this hook has asked for, in all runs. */
  get retriesTotal(): number {
    return this.#retriesTotal;
  }

  /** Repeats a call that gave an empty answer. */
  async onAfterModelCall(event: AfterModelCallEvent): Promise<void> {
    const { content, tool_calls } = event.response;
    const isEmpty = tool_calls.length === 0 && (content ?? "").trim() === "";
    if (isEmpty && this.#options.retryOnEmpty) await this.#retry(event, "empty_response", null);
  }

  /** Repeats a call that failed in a way that passes. */
  async onModelError(event: ModelErrorEvent): Promise<void> {
    const { error, brokeOff } = event;
    // What broke off within the answer may be anything, as it passes through the provider's client and the runtime.
    const reason = classifyModelError(error) ??
      (brokeOff && !willFailAgain(error) ? "server_error" : null);
    if (reason !== null) await this.#retry(event, reason, retryAfterSeconds(event.error));
  }

  async #retry(
    { attempt, spanId, context, retry }: Pick<
      ModelErrorEvent,
      "attempt" | "spanId" | "context" | "retry"
    >,
    reason: AgentModelRetry["reason"],
    retryAfter: number | null,
  ): Promise<void> {
    const { maxRetries, initialDelay, maxDelay, backoffFactor } = this.#options;
    if (attempt > maxRetries || (retryAfter ?? 0) > maxDelay) return;
    // The number of the attempt comes with the event: nothing is counted here, so runs cannot mix.
    const backoff = initialDelay * backoffFactor ** (attempt - 1);
    const seconds = retryAfter ?? Math.min(backoff, maxDelay);
    this.#retriesTotal++;
    context.emit("agent.model.retry", {
      attempt,
      max_retries: maxRetries,
      delay_seconds: seconds,
      reason,
      ...inSpan(spanId),
    });
    if (seconds > 0) {
      await delay(Math.min(seconds * 1000, MAX_TIMER_MS), { signal: context.signal });
    }
    retry();
  }
}

const RULES = /* @__PURE__ */ (() => ({
  maxRetries: rule.whole(3, 0),
  initialDelay: rule.number(1, 0),
  maxDelay: rule.number(30, 0),
  backoffFactor: rule.number(2, 1),
  retryOnEmpty: rule.flag(true),
  priority: rule.unchecked<number>(HookPriority.DEFAULT),
} satisfies Rules<ModelRetryOptions>))();
