/** Code of the user's that runs at fixed points of a run. */

import type { AgentState } from "../state/state.ts";
import type { HookContext } from "./context.ts";
import type {
  AfterModelCallEvent,
  AfterToolCallEvent,
  BeforeModelCallEvent,
  BeforeToolCallEvent,
  ModelErrorEvent,
} from "./model_events.ts";

/**
 * A hook: an object with any of these methods. Methods that it does not have are skipped.
 *
 * - **Order:** by {@linkcode Hook.priority}: ascending where something begins, descending where it
 *   ends; equal priorities in the order that they were given in, and at an end in reverse. There,
 *   observers come after all others: they see what everybody else will see. Each is awaited.
 * - **Steering:** by the methods of the event, such as `event.cancel()`. Its fields cannot be assigned.
 * - **Errors:** what is thrown where something begins ends the run with the reason `error`. Where
 *   something ends, the other hooks still run first; then what was thrown after a model or tool call
 *   ends the run, and anything else is reported. What an {@linkcode Hook.observer} throws is only
 *   reported.
 * - **Sharing:** one hook serves all runs of its agent, at the same time. What it keeps for a run it can
 *   keep in a `WeakMap` by {@linkcode HookContext}.
 */
export interface Hook {
  /** Shown in messages about it. @default {the name of its class} */
  readonly name?: string;
  /** See {@linkcode HookPriority}. @default {300} */
  readonly priority?: number;
  /** It only watches: what it throws is reported and never ends the run. @default {false} */
  readonly observer?: boolean;
  /**
   * It may change answers of the model, so they must not be shown before: while an agent has such a
   * hook, its answers are not streamed. @default {false}
   */
  readonly requiresFullResponse?: boolean;
  /**
   * How often a model call may be made in all, if this hook has it repeated. The agent allows 5, or
   * the highest number among its hooks. @default {5}
   */
  readonly maxModelAttempts?: number;
  /** Once, before the first turn. May return another state to start from. */
  onBeforeInvocation?(
    prompt: string,
    state: AgentState,
    context: HookContext,
  ): AgentState | void | Promise<AgentState | void>;
  /**
   * Once for each segment of a run, at its very end, also if it failed or the consumer left.
   *
   * @param success Whether the run did what it was asked: see `AgentResult.success`.
   */
  onAfterInvocation?(
    state: AgentState,
    success: boolean,
    context: HookContext,
  ): void | Promise<void>;
  /** Before each turn. @param iteration Its index, from 0. */
  onIterationStart?(
    iteration: number,
    state: AgentState,
    context: HookContext,
  ): void | Promise<void>;
  /** After each turn that began, however it ended. A turn that waits for a person ends when resumed. */
  onIterationEnd?(iteration: number, state: AgentState, context: HookContext): void | Promise<void>;
  /** Before each model call, that of the final summary included; not before it is repeated. */
  onBeforeModelCall?(event: BeforeModelCallEvent): void | Promise<void>;
  /** After each answer of the model, before it is shown as a whole. */
  onAfterModelCall?(event: AfterModelCallEvent): void | Promise<void>;
  /** After a model call that failed. Unless a hook asks for a retry, the run fails with its error. */
  onModelError?(event: ModelErrorEvent): void | Promise<void>;
  /** After `tool_start`, whatever the call is: also of a tool that is unknown or known to be cached. */
  onBeforeToolCall?(event: BeforeToolCallEvent): void | Promise<void>;
  /** After a tool's body ran, before `tool_complete`. Not if the call was cancelled or cached. */
  onAfterToolCall?(event: AfterToolCallEvent): void | Promise<void>;
}

/** Where in the order a hook runs: lower is earlier before something, and later after it. */
export const HookPriority = {
  /** Checks that may stop everything else begin here. */
  SECURITY_MIN: 0,
  /** Such a check that does not care. */
  SECURITY_DEFAULT: 50,
  /** Such checks end here. */
  SECURITY_MAX: 99,
  /** Logs, traces and metrics begin here. */
  OBSERVABILITY_MIN: 100,
  /** One of them that does not care. */
  OBSERVABILITY_DEFAULT: 150,
  /** They end here. */
  OBSERVABILITY_MAX: 199,
  /** Rules of the application begin here. */
  BUSINESS_MIN: 200,
  /** Such a rule that does not care. */
  BUSINESS_DEFAULT: 250,
  /** Such rules end here. */
  BUSINESS_MAX: 299,
  /** Hooks that do not say. */
  DEFAULT: 300,
} as const;
