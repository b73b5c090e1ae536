/** The points of a run at which hooks are called: what they get there, and what it comes to. */

import { describe } from "../../core/options.ts";
import { isRecord } from "../json.ts";
import type { Message, ToolCall } from "../messages.ts";
import type { RunHandle } from "../run_handle.ts";
import type { AgentState } from "../state.ts";
import type { ToolOutcome } from "../tool_outcome.ts";
import { errorText } from "../tools/result_text.ts";
import type { Tool } from "../tools/tool.ts";
import { createContext, type HookContext } from "./context.ts";
import type { Hook } from "./hook.ts";
import { HookChain, type HookFailure } from "./hook_chain.ts";
import {
  afterModelCall,
  type AfterModelCallEvent,
  beforeModelCall,
  modelError,
} from "./model_events.ts";
import type { ModelReply } from "./model_reply.ts";
import { nameOf } from "./order.ts";
import { afterToolCall, type AfterToolCallEvent, beforeToolCall } from "./tool_events.ts";

/** A model call as hooks are told of it. */
export interface Attempt {
  readonly messages: readonly Message[];
  readonly attempt: number;
}

/** The hooks of one segment of a run. */
export class HookRunner {
  readonly #run: RunHandle;
  #lazyChain: HookChain | null = null;
  #context: HookContext | null = null;
  /** The turn that has begun and not ended. */
  #iteration: number | null = null;

  constructor(run: RunHandle) {
    this.#run = run;
  }

  /** @throws What a hook throws that is no observer. */
  async beforeInvocation(prompt: string): Promise<void> {
    const run = this.#run;
    await this.#chain.before("onBeforeInvocation", async (hook) => {
      const next = await hook.onBeforeInvocation?.(prompt, run.state, this.context);
      if (next !== undefined && !run.signal.aborted) run.update(checkState(hook, next));
    });
  }

  /** Never rejects. */
  async afterInvocation(): Promise<void> {
    await this.iterationEnd();
    const { state, success } = this.#run;
    await this.#chain.atEnd(
      "onAfterInvocation",
      (hook) => hook.onAfterInvocation?.(state, success, this.context),
    );
  }

  /** @throws What a hook throws that is no observer. */
  async iterationStart(iteration: number): Promise<void> {
    this.#iteration = iteration;
    await this.#chain.before(
      "onIterationStart",
      (hook) => hook.onIterationStart?.(iteration, this.#run.state, this.context),
    );
  }

  /** A turn goes on that began in the segment before this. */
  iterationResumed(iteration: number): void {
    this.#iteration = iteration;
  }

  /** The turn waits for a person: it has not ended. */
  iterationPaused(): void {
    this.#iteration = null;
  }

  /** Ends the turn that has begun, if there is one. Never rejects. */
  async iterationEnd(): Promise<void> {
    const iteration = this.#iteration;
    if (iteration === null) return;
    this.#iteration = null;
    await this.#chain.atEnd(
      "onIterationEnd",
      (hook) => hook.onIterationEnd?.(iteration, this.#run.state, this.context),
    );
  }

  /** @returns What to tell the model. @throws What a hook throws that is no observer. */
  async beforeModelCall(
    messages: readonly Message[],
    tools: readonly Tool[],
  ): Promise<readonly Message[]> {
    if (!this.#chain.has("onBeforeModelCall")) return messages;
    const event = beforeModelCall({ messages, tools, context: this.context });
    await this.#chain.before("onBeforeModelCall", (hook) => hook.onBeforeModelCall?.(event));
    return event.messages;
  }

  /** @returns The answer as hooks have left it, whether to ask again, and what failed. */
  async afterModelCall(
    response: ModelReply,
    attempt: Attempt,
  ): Promise<Pick<AfterModelCallEvent, "response" | "retryRequested"> & { failure: HookFailure }> {
    if (!this.#chain.has("onAfterModelCall")) {
      return { response, retryRequested: false, failure: null };
    }
    const { event, withhold } = afterModelCall({ response, ...attempt, context: this.context });
    const point = "onAfterModelCall";
    const failure = await this.#chain.after(
      point,
      (hook) => hook.onAfterModelCall?.(event),
      withhold,
    );
    return { response: event.response, retryRequested: event.retryRequested, failure };
  }

  /** @returns Whether to ask again. What a hook throws is reported: the model's error is what counts. */
  async modelError(error: unknown, attempt: Attempt): Promise<boolean> {
    const point = "onModelError";
    if (!this.#chain.has(point)) return false;
    const event = modelError({ error, ...attempt, context: this.context });
    await this.#chain.atEnd(point, (hook) => hook.onModelError?.(event));
    return event.retryRequested;
  }

  /** @returns Null if there is no such hook. @throws What a hook throws that is no observer. */
  async beforeToolCall(
    call: ToolCall,
    args: Readonly<Record<string, unknown>>,
  ): Promise<ReturnType<typeof beforeToolCall> | null> {
    if (!this.#chain.has("onBeforeToolCall")) return null;
    const before = beforeToolCall({
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
      context: this.context,
    });
    await this.#chain.before("onBeforeToolCall", (hook) => hook.onBeforeToolCall?.(before.event));
    return before;
  }

  /** @returns Null if there is no such hook. */
  async afterToolCall(
    call: ToolCall,
    args: Readonly<Record<string, unknown>>,
    { result, error, duration_ms }: ToolOutcome,
    attempt: number,
  ): Promise<{ event: AfterToolCallEvent; failure: HookFailure } | null> {
    if (!this.#chain.has("onAfterToolCall")) return null;
    const { event, withhold } = afterToolCall({
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
      result,
      error,
      duration_ms,
      attempt,
      context: this.context,
    });
    const failure = await this.#chain.after(
      "onAfterToolCall",
      (hook) => hook.onAfterToolCall?.(event),
      (error) => withhold(errorText(error)),
    );
    return { event, failure };
  }

  /** How often a model call may be made in all. */
  get maxModelAttempts(): number {
    return Math.max(5, ...this.#hooks.map(({ maxModelAttempts = 0 }) => maxModelAttempts));
  }

  /** Whether answers must be complete before anybody sees them. */
  get requiresFullResponse(): boolean {
    return this.#hooks.some((hook) => hook.requiresFullResponse === true);
  }

  /** What hooks know of this segment. */
  get context(): HookContext {
    return this.#context ??= createContext(this.#run);
  }

  get #hooks(): readonly Hook[] {
    return this.#run.config.hooks;
  }

  // Lazily: a run makes this before it has its hooks.
  get #chain(): HookChain {
    return this.#lazyChain ??= new HookChain(this.#hooks, this.#run.signal);
  }
}

function checkState(hook: Hook, state: AgentState): AgentState {
  if (isRecord(state) && Array.isArray(state.messages)) return state;
  throw new TypeError(
    `hook "${nameOf(hook)}": onBeforeInvocation() must return a state or nothing, ` +
      `got ${describe(state)}`,
  );
}
