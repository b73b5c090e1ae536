/** Calls the hooks at each point of a run and collects what they decide. */

import { describe } from "../../core/options.ts";
import { isRecord } from "../../core/json.ts";
import type {
  CallRequest,
  CallSpan,
  FailedAttempt,
  Feature,
  FeatureContext,
  ModelAttempt,
  RetryRequest,
  Reviewed,
  SeenCall,
  SegmentOutcome,
} from "../loop/feature.ts";
import type { ModelReply } from "../model/reply.ts";
import type { Message } from "../state/messages.ts";
import type { AgentState } from "../state/state.ts";
import { errorText } from "../state/texts.ts";
import type { ToolOutcome } from "../tools/outcome.ts";
import type { Tool } from "../tools/tool.ts";
import { createContext, type HookContext } from "./context.ts";
import type { Hook } from "./hook.ts";
import { type HookPoint, HooksAt, nameOf } from "./hook_chain.ts";
import {
  afterModelCall,
  afterToolCall,
  beforeModelCall,
  beforeToolCall,
  modelError,
} from "./model_events.ts";

export class Hooks implements Feature {
  readonly name = "hooks";
  readonly requiresFullResponse: boolean;
  readonly maxModelAttempts: number;
  readonly #hooks: readonly Hook[];
  /** Hooks keep what they know of a segment by its context. */
  #segment: { readonly run: FeatureContext; readonly context: HookContext } | null = null;

  /** @param hooks In the order in which they run before something. */
  constructor(hooks: readonly Hook[]) {
    this.#hooks = hooks;
    this.requiresFullResponse = hooks.some((hook) => hook.requiresFullResponse === true);
    this.maxModelAttempts = Math.max(0, ...hooks.map((hook) => hook.maxModelAttempts ?? 0));
  }

  start(
    run: FeatureContext,
    prompt: string,
    replaceState: (state: AgentState) => void,
  ): Promise<void> | void {
    return this.#at(run, "onBeforeInvocation")?.before(async (hook, context) => {
      const next = await hook.onBeforeInvocation?.(prompt, run.state, context);
      if (next !== undefined && !run.signal.aborted) replaceState(checkState(hook, next));
    });
  }

  end(run: FeatureContext, { success }: SegmentOutcome): Promise<void> | void {
    const { state } = run;
    return this.#at(run, "onAfterInvocation")
      ?.atEnd((hook, context) => hook.onAfterInvocation?.(state, success, context));
  }

  turnStart(run: FeatureContext, iteration: number): Promise<void> | void {
    return this.#at(run, "onIterationStart")
      ?.before((hook, context) => hook.onIterationStart?.(iteration, run.state, context));
  }

  turnEnd(run: FeatureContext, iteration: number): Promise<void> | void {
    return this.#at(run, "onIterationEnd")
      ?.atEnd((hook, context) => hook.onIterationEnd?.(iteration, run.state, context));
  }

  async beforeModelCall(
    run: FeatureContext,
    messages: readonly Message[],
    tools: readonly Tool[],
  ): Promise<readonly Message[]> {
    const at = this.#at(run, "onBeforeModelCall");
    if (at === undefined) return messages;
    const event = beforeModelCall({ messages, tools, context: at.context });
    await at.before((hook) => hook.onBeforeModelCall?.(event));
    return event.messages;
  }

  afterModelCall(
    run: FeatureContext,
    response: ModelReply,
    attempt: ModelAttempt,
  ): Promise<Reviewed<ModelReply>> | null {
    const at = this.#at(run, "onAfterModelCall");
    if (at === undefined) return null;
    const { context } = at;
    const { event, withhold } = afterModelCall({ response, ...about(attempt), context });
    return at.after(within(attempt.span, (hook) => hook.onAfterModelCall?.(event)), withhold)
      .then((failure) => ({ value: event.response, retry: event.retryRequested, failure }));
  }

  /** What a hook throws is reported: the model's error is what counts. */
  modelFailed(
    run: FeatureContext,
    error: unknown,
    { brokeOff, ...attempt }: FailedAttempt,
  ): Promise<RetryRequest> | null {
    const at = this.#at(run, "onModelError");
    if (at === undefined) return null;
    const event = modelError({ error, brokeOff, ...about(attempt), context: at.context });
    return at.atEnd(within(attempt.span, (hook) => hook.onModelError?.(event)))
      .then(() => ({ retry: event.retryRequested, messages: event.messages }));
  }

  beforeToolCall(run: FeatureContext, seen: SeenCall): Promise<CallRequest> | null {
    const at = this.#at(run, "onBeforeToolCall");
    if (at === undefined) return null;
    const { event, approval } = beforeToolCall({ ...aboutCall(seen), context: at.context });
    return at.before(within(seen.span, (hook) => hook.onBeforeToolCall?.(event))).then(() => ({
      cancel: event.cancelled ? event.cancelReason ?? "" : null,
      arguments: event.arguments === seen.args ? null : event.arguments,
      question: approval(),
    }));
  }

  afterToolCall(
    run: FeatureContext,
    seen: SeenCall,
    { result, error, duration_ms }: ToolOutcome,
    attempt: number,
  ): Promise<Reviewed<Pick<ToolOutcome, "result" | "error">>> | null {
    const at = this.#at(run, "onAfterToolCall");
    if (at === undefined) return null;
    const fields = { ...aboutCall(seen), result, error, duration_ms, attempt, context: at.context };
    const { event, withhold } = afterToolCall(fields);
    const call = within(seen.span, (hook) => hook.onAfterToolCall?.(event));
    return at.after(call, (error) => withhold(errorText(error)))
      .then((failure) => ({ value: event, retry: event.retryRequested, failure }));
  }

  /** The hooks that have something to do there; undefined if none has. */
  #at(run: FeatureContext, point: HookPoint): HooksAt | undefined {
    const hooks = this.#hooks.filter((hook) => hook[point] !== undefined);
    // One for each segment, whether its hooks need it or not: it is what they know the segment by.
    if (this.#segment?.run !== run) this.#segment = { run, context: createContext(run) };
    return hooks.length === 0 ? undefined : new HooksAt(point, hooks, run, this.#segment.context);
  }
}

function about({ span, ...attempt }: ModelAttempt) {
  return { ...attempt, spanId: span?.id ?? null };
}

function aboutCall({ call, args, span }: SeenCall) {
  return {
    tool_name: call.name,
    tool_call_id: call.id,
    arguments: args,
    spanId: span?.id ?? null,
  };
}

function within(span: CallSpan | null, call: (hook: Hook) => unknown): (hook: Hook) => unknown {
  return span === null ? call : (hook) => span.inside(() => call(hook));
}

function checkState(hook: Hook, state: AgentState): AgentState {
  if (isRecord(state) && Array.isArray(state.messages)) return state;
  throw new TypeError(
    `hook "${nameOf(hook)}": onBeforeInvocation() must return a state or nothing, ` +
      `got ${describe(state)}`,
  );
}
