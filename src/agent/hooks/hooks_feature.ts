/** Calls the hooks at each point of a run and collects what they decide. */

import { describe } from "../../core/options.ts";
import { isRecord } from "../../core/json.ts";
import type {
  CallRequest,
  CallSpan,
  FailedAttempt,
  Failure,
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
import { type HookCall, HookChain, type HookPoint, nameOf } from "./hook_chain.ts";
import { afterModelCall, beforeModelCall, modelError } from "./model_events.ts";
import { afterToolCall, beforeToolCall } from "./tool_events.ts";

/** What belongs to one segment of a run: hooks keep what they know of it by its context. */
interface Segment {
  readonly run: FeatureContext;
  readonly chain: HookChain;
  readonly context: HookContext;
}

/** The hooks of one run. */
export class Hooks implements Feature {
  readonly name = "hooks";
  readonly requiresFullResponse: boolean;
  readonly maxModelAttempts: number;
  readonly #hooks: readonly Hook[];
  #segment: Segment | null = null;

  /** @param hooks In the order in which they run before something. */
  constructor(hooks: readonly Hook[]) {
    this.#hooks = hooks;
    this.requiresFullResponse = hooks.some((hook) => hook.requiresFullResponse === true);
    this.maxModelAttempts = Math.max(0, ...hooks.map((hook) => hook.maxModelAttempts ?? 0));
  }

  /** @throws What a hook throws that is not an observer. */
  start(
    run: FeatureContext,
    prompt: string,
    replaceState: (state: AgentState) => void,
  ): Promise<void> | void {
    const { chain, context } = this.#in(run);
    const point = "onBeforeInvocation";
    if (!chain.has(point)) return;
    return this.#before(run, point, async (hook) => {
      const next = await hook.onBeforeInvocation?.(prompt, run.state, context);
      if (next !== undefined && !run.signal.aborted) replaceState(checkState(hook, next));
    });
  }

  end(run: FeatureContext, { success }: SegmentOutcome): Promise<void> | void {
    const { chain, context } = this.#in(run);
    const point = "onAfterInvocation";
    if (!chain.has(point)) return;
    const { state } = run;
    return chain.atEnd(point, (hook) => hook.onAfterInvocation?.(state, success, context));
  }

  /** @throws What a hook throws that is not an observer. */
  turnStart(run: FeatureContext, iteration: number): Promise<void> | void {
    const { chain, context } = this.#in(run);
    const point = "onIterationStart";
    if (!chain.has(point)) return;
    return this.#before(
      run,
      point,
      (hook) => hook.onIterationStart?.(iteration, run.state, context),
    );
  }

  turnEnd(run: FeatureContext, iteration: number): Promise<void> | void {
    const { chain, context } = this.#in(run);
    const point = "onIterationEnd";
    if (!chain.has(point)) return;
    return chain.atEnd(point, (hook) => hook.onIterationEnd?.(iteration, run.state, context));
  }

  /** @throws What a hook throws that is not an observer. */
  async beforeModelCall(
    run: FeatureContext,
    messages: readonly Message[],
    tools: readonly Tool[],
  ): Promise<readonly Message[]> {
    const { chain, context } = this.#in(run);
    const point = "onBeforeModelCall";
    if (!chain.has(point)) return messages;
    const event = beforeModelCall({ messages, tools, context });
    await this.#before(run, point, (hook) => hook.onBeforeModelCall?.(event));
    return event.messages;
  }

  afterModelCall(
    run: FeatureContext,
    response: ModelReply,
    attempt: ModelAttempt,
  ): Promise<Reviewed<ModelReply>> | null {
    const { chain, context } = this.#in(run);
    const point = "onAfterModelCall";
    if (!chain.has(point)) return null;
    const { event, withhold } = afterModelCall({ response, ...about(attempt), context });
    const call = within(attempt.span, (hook) => hook.onAfterModelCall?.(event));
    return chain.after(point, call, withhold).then((failure) => ({
      value: event.response,
      retry: event.retryRequested,
      failure: blame(run, failure),
    }));
  }

  /** What a hook throws is reported: the model's error is what counts. */
  modelFailed(
    run: FeatureContext,
    error: unknown,
    { brokeOff, ...attempt }: FailedAttempt,
  ): Promise<RetryRequest> | null {
    const { chain, context } = this.#in(run);
    const point = "onModelError";
    if (!chain.has(point)) return null;
    const event = modelError({ error, brokeOff, ...about(attempt), context });
    const call = within(attempt.span, (hook) => hook.onModelError?.(event));
    return chain.atEnd(point, call).then(() => ({
      retry: event.retryRequested,
      messages: event.messages,
    }));
  }

  /** @throws What a hook throws that is not an observer. */
  beforeToolCall(
    run: FeatureContext,
    { call, args, span }: SeenCall,
  ): Promise<CallRequest> | null {
    const { chain, context } = this.#in(run);
    const point = "onBeforeToolCall";
    if (!chain.has(point)) return null;
    const { event, approval } = beforeToolCall({
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
      spanId: span?.id ?? null,
      context,
    });
    const asking = this.#before(
      run,
      point,
      within(span, (hook) => hook.onBeforeToolCall?.(event)),
    );
    return asking.then(() => ({
      cancel: event.cancelled ? event.cancelReason ?? "" : null,
      arguments: event.arguments === args ? null : event.arguments,
      question: approval(),
    }));
  }

  afterToolCall(
    run: FeatureContext,
    { call, args, span }: SeenCall,
    { result, error, duration_ms }: ToolOutcome,
    attempt: number,
  ): Promise<Reviewed<Pick<ToolOutcome, "result" | "error">>> | null {
    const { chain, context } = this.#in(run);
    const point = "onAfterToolCall";
    if (!chain.has(point)) return null;
    const { event, withhold } = afterToolCall({
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
      result,
      error,
      duration_ms,
      attempt,
      spanId: span?.id ?? null,
      context,
    });
    return chain.after(
      point,
      within(span, (hook) => hook.onAfterToolCall?.(event)),
      (error) => withhold(errorText(error)),
    ).then((failure) => ({
      value: event,
      retry: event.retryRequested,
      failure: blame(run, failure),
    }));
  }

  async #before(run: FeatureContext, point: HookPoint, call: HookCall): Promise<void> {
    try {
      await this.#in(run).chain.before(point, call);
    } catch (error) {
      run.blameHook(error);
      throw error;
    }
  }

  #in(run: FeatureContext): Segment {
    if (this.#segment?.run === run) return this.#segment;
    const chain = new HookChain(this.#hooks, run.signal);
    return this.#segment = { run, chain, context: createContext(run) };
  }
}

function blame(run: FeatureContext, failure: Failure): Failure {
  if (failure !== null) run.blameHook(failure.error);
  return failure;
}

function about({ span, ...attempt }: ModelAttempt) {
  return { ...attempt, spanId: span?.id ?? null };
}

/** Calls hooks inside of the span that they are called about. */
function within(span: CallSpan | null, call: HookCall): HookCall {
  return span === null ? call : (hook) => span.inside(() => call(hook));
}

function checkState(hook: Hook, state: AgentState): AgentState {
  if (isRecord(state) && Array.isArray(state.messages)) return state;
  throw new TypeError(
    `hook "${nameOf(hook)}": onBeforeInvocation() must return a state or nothing, ` +
      `got ${describe(state)}`,
  );
}
