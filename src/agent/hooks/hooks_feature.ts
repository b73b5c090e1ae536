/** Calls the hooks at each point of a run and collects what they decide. */

import { describe, isRecord } from "../../core/options.ts";
import type { CallSpan, Feature, FeatureContext, ModelAttempt, SeenCall } from "../loop/feature.ts";
import type { AgentState } from "../state/state.ts";
import { errorText } from "../state/texts.ts";
import { createContext, type HookContext } from "./context.ts";
import type { Hook } from "./hook.ts";
import { type HookPoint, hooksAt, nameOf } from "./hook_chain.ts";
import {
  afterModelCall,
  afterToolCall,
  beforeModelCall,
  beforeToolCall,
  modelError,
} from "./model_events.ts";

/** The hooks of one run. @param hooks In the order in which they run before something. */
export function hooksFeature(hooks: readonly Hook[]): Feature {
  /** Hooks keep what they know of a segment by its context. */
  let segment: { readonly run: FeatureContext; readonly context: HookContext } | null = null;

  /** The hooks that have something to do there; undefined if none has. */
  function at(run: FeatureContext, point: HookPoint) {
    if (segment?.run !== run) segment = { run, context: createContext(run) };
    const having = hooks.filter((hook) => hook[point] !== undefined);
    return having.length === 0 ? undefined : hooksAt(point, having, run, segment.context);
  }

  return {
    name: "hooks",
    requiresFullResponse: hooks.some((hook) => hook.requiresFullResponse === true),
    maxModelAttempts: Math.max(0, ...hooks.map((hook) => hook.maxModelAttempts ?? 0)),

    start: (run, prompt, replaceState) =>
      at(run, "onBeforeInvocation")?.before(async (hook, context) => {
        const next = await hook.onBeforeInvocation?.(prompt, run.state, context);
        if (next !== undefined && !run.signal.aborted) replaceState(checkState(hook, next));
      }),

    end(run, { success }) {
      const { state } = run;
      return at(run, "onAfterInvocation")
        ?.atEnd((hook, context) => hook.onAfterInvocation?.(state, success, context));
    },

    turnStart: (run, iteration) =>
      at(run, "onIterationStart")
        ?.before((hook, context) => hook.onIterationStart?.(iteration, run.state, context)),

    turnEnd: (run, iteration) =>
      at(run, "onIterationEnd")
        ?.atEnd((hook, context) => hook.onIterationEnd?.(iteration, run.state, context)),

    async beforeModelCall(run, messages, tools) {
      const called = at(run, "onBeforeModelCall");
      if (called === undefined) return messages;
      const event = beforeModelCall({ messages, tools, context: called.context });
      await called.before((hook) => hook.onBeforeModelCall?.(event));
      return event.messages;
    },

    afterModelCall(run, response, attempt) {
      const called = at(run, "onAfterModelCall");
      if (called === undefined) return null;
      const { context } = called;
      const { event, withhold } = afterModelCall({ response, ...about(attempt), context });
      return called.after(within(attempt.span, (hook) => hook.onAfterModelCall?.(event)), withhold)
        .then((failure) => ({ value: event.response, retry: event.retryRequested, failure }));
    },

    // What a hook throws is reported: the model's error is what counts.
    modelFailed(run, error, { brokeOff, ...attempt }) {
      const called = at(run, "onModelError");
      if (called === undefined) return null;
      const event = modelError({ error, brokeOff, ...about(attempt), context: called.context });
      return called.atEnd(within(attempt.span, (hook) => hook.onModelError?.(event)))
        .then(() => ({ retry: event.retryRequested, messages: event.messages }));
    },

    beforeToolCall(run, seen) {
      const called = at(run, "onBeforeToolCall");
      if (called === undefined) return null;
      const { event, approval } = beforeToolCall({ ...aboutCall(seen), context: called.context });
      const asked = called.before(within(seen.span, (hook) => hook.onBeforeToolCall?.(event)));
      return asked.then(() => ({
        cancel: event.cancelled ? event.cancelReason ?? "" : null,
        arguments: event.arguments === seen.args ? null : event.arguments,
        question: approval(),
      }));
    },

    afterToolCall(run, seen, { result, error, duration_ms }, attempt) {
      const called = at(run, "onAfterToolCall");
      if (called === undefined) return null;
      const outcome = { result, error, duration_ms, attempt };
      const fields = { ...aboutCall(seen), ...outcome, context: called.context };
      const { event, withhold } = afterToolCall(fields);
      const call = within(seen.span, (hook) => hook.onAfterToolCall?.(event));
      return called.after(call, (error) => withhold(errorText(error)))
        .then((failure) => ({ value: event, retry: event.retryRequested, failure }));
    },
  };
}

function about({ span, ...attempt }: ModelAttempt) {
  return { ...attempt, spanId: span?.id ?? null };
}

function aboutCall({ call, args, span }: SeenCall) {
  const spanId = span?.id ?? null;
  return { tool_name: call.name, tool_call_id: call.id, arguments: args, spanId };
}

/** Calls hooks inside of the span that they are called about. */
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
