/** Errors that whoever runs an agent, or writes a tool, may want to tell apart. */

import { describe } from "../core/options.ts";
import type { GsarJudgment } from "./reasoning/gsar/gsar_data.ts";
import type { GsarDecision } from "./reasoning/gsar/gsar_score.ts";
import type { AgentResult } from "./result.ts";

/** What kind of thing failed. */
export type AgentErrorKind =
  | "gsar"
  | "guardrail"
  | "interrupt"
  | "model_response"
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

/** The model answered, but the answer is broken off or not usable. */
export class ModelResponseError extends AgentError {
  /** The name of the class. */
  override readonly name = "ModelResponseError";

  /** Makes the error; `cause` is what the model sent, if it sent something. */
  constructor(message: string, cause?: unknown) {
    super("model_response", message, cause);
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

/** An answer may not go out: the agent's `gsar` has `failOnLowScore`, and the decision is not `proceed`. */
export class GSARValidationError extends AgentError {
  /** The name of the class. */
  override readonly name = "GSARValidationError";
  /** What should be done instead; null if the answer could not be judged. */
  readonly decision: GsarDecision | null;
  /** How well the answer is supported, 0 to 1; null if it could not be judged. */
  readonly score: number | null;
  /** The claims; null if the answer could not be judged. */
  readonly judgment: GsarJudgment | null;

  /** Made by the agent; `cause` is why the answer could not be judged. */
  constructor(
    { gsar_decision, gsar_score, gsar_judgment }: Pick<
      AgentResult,
      "gsar_decision" | "gsar_score" | "gsar_judgment"
    >,
    cause?: unknown,
  ) {
    super(
      "gsar",
      gsar_decision === null
        ? "The answer could not be judged"
        : `The answer may not go out: ${gsar_decision}, with a score of ${gsar_score?.toFixed(2)}`,
      cause,
    );
    this.decision = gsar_decision;
    this.score = gsar_score;
    this.judgment = gsar_judgment;
  }
}
