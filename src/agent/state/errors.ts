/** Errors that code which runs an agent, or a tool, may want to handle differently. */

import { describe } from "../../core/options.ts";

/** What kind of thing failed. */
export type AgentErrorKind =
  | "context_overflow"
  | "gsar"
  | "guardrail"
  | "interrupt"
  | "model_response"
  | "model_timeout"
  | "thread_busy"
  | "tool_timeout";

/** What all errors of the agent have in common. What a model or a hook throws is passed on as it is. */
export class AgentError extends Error {
  /** The name of the class. */
  override readonly name: string = "AgentError";
  /** What failed, for a `switch`. */
  readonly kind: AgentErrorKind;

  /** Makes the error; `cause` is what it came from, if that is not the message itself. */
  constructor(kind: AgentErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** `agent.resume()` was called, but no run waits for that answer. */
export class InterruptError extends AgentError {
  /** The name of the class. */
  override readonly name = "InterruptError";

  /** Makes the error. */
  constructor(message: string) {
    super("interrupt", message);
  }
}

/** The model answered, but the answer is broken off or not usable. `ModelRetryHook` asks again, if that may help. */
export class ModelResponseError extends AgentError {
  /** The name of the class. */
  override readonly name = "ModelResponseError";
  /** Whether asking again may help. */
  readonly isRetryable: boolean;

  /** Makes the error; `cause` is what the model sent, if it sent something. */
  constructor(message: string, cause?: unknown, isRetryable = true) {
    super("model_response", message, cause);
    this.isRetryable = isRetryable;
  }
}

/**
 * The conversation is longer than the model takes. Asking again does not help, unless it is shortened: the agent's
 * `conversationManager` does that, or a hook, in `onModelError()` for this call, or in `onBeforeInvocation()` for good.
 */
export class ContextOverflowError extends AgentError {
  /** The name of the class. */
  override readonly name = "ContextOverflowError";

  /** Makes the error; `cause` is what the provider said. */
  constructor(message: string, cause?: unknown) {
    super("context_overflow", message, cause);
  }
}

/** A model took longer than it may: `modelTimeoutMs`, or `modelIdleTimeoutMs` within a streamed answer. */
export class ModelTimeoutError extends AgentError {
  /** The name of the class. */
  override readonly name = "ModelTimeoutError";

  /** Makes the error; `what` says what the model did not do for so long. */
  constructor(what: string, timeoutMs: number) {
    super("model_timeout", `The model ${what} for ${timeoutMs} ms`);
  }
}

/** A tool took longer than it may: the reason of its abort signal. */
export class ToolTimeoutError extends AgentError {
  /** The name of the class. */
  override readonly name = "ToolTimeoutError";

  /** Makes the error for the tool of that name. */
  constructor(toolName: string, timeoutMs: number) {
    super("tool_timeout", `${toolName} exceeded ${timeoutMs} ms`);
  }
}

/** A thread was asked for that another run of this process has: wait for that run, or cancel it. */
export class ThreadBusyError extends AgentError {
  /** The name of the class. */
  override readonly name = "ThreadBusyError";
  /** The thread. */
  readonly threadId: string;

  /** Makes the error for that thread. */
  constructor(threadId: string) {
    super("thread_busy", `The thread ${describe(threadId)} is in use by another run`);
    this.threadId = threadId;
  }
}

/** A rule does not allow a run to begin, or to go on: what guardrails and content filters throw. */
export class GuardrailError extends AgentError {
  /** The name of the class. */
  override readonly name = "GuardrailError";
  /** The rule, such as `max_prompt_length`. */
  readonly ruleName: string;

  /** Makes the error for the rule of that name. */
  constructor(ruleName: string, message: string) {
    super("guardrail", message);
    this.ruleName = ruleName;
  }
}
