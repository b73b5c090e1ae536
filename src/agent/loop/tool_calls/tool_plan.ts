/** What is to be done about the tool calls of a turn. */

import type { ToolSpan } from "../../spans/tool_spans.ts";
import { type Question, readQuestion } from "../../tools/question.ts";
import { type Arguments, type Message, type ToolCall, toolMessage } from "../../state/messages.ts";
import type { SeenCall } from "../feature.ts";
import type { ModelResponse } from "../../model/response.ts";
import {
  cancelledByHook,
  contentFor,
  NOT_EXECUTED,
  toExecution,
  type ToolOutcome,
} from "../../tools/outcome.ts";
import type { Tool } from "../../tools/tool.ts";
import type { Kept } from "../../tools/kept.ts";
import { toTimestamp } from "../../../core/timestamp.ts";
import type { ToolExecution } from "../../state/state.ts";
import { describe } from "../../../core/options.ts";
import { clip } from "../../state/texts.ts";

export interface PausedBatch {
  readonly response: ModelResponse;
  readonly prepared: readonly PreparedCall[];
  readonly outcomes: readonly (ToolOutcome | undefined)[];
  /** The calls that have begun and are not over: first the one whose question is asked now. */
  readonly open: readonly [AskingCall, ...OpenCall[]];
}

export interface OpenCall {
  readonly index: number;
  /** What it asks; null if it waits only because another call asks. */
  readonly question: Question | null;
  readonly answers: readonly unknown[];
  /** What its tool wants to remember: JSON; undefined for nothing. */
  readonly kept: unknown;
  /** How often its body came to an end before, and was to be called again. @default {0} */
  readonly attempts?: number;
  readonly spanId: string | null;
}

export interface AskingCall extends OpenCall {
  readonly question: Question;
}

/** A call whose arguments are read, and what is to be done about it. */
export interface PreparedCall extends SeenCall {
  readonly plan: Plan;
  readonly span: ToolSpan | null;
}

export type Plan =
  /** Nothing to run: unknown, invalid, refused, or known from an earlier turn. */
  | { readonly kind: "settled"; readonly outcome: ToolOutcome }
  /** The same idempotent call as that one of this turn. */
  | { readonly kind: "copy"; readonly of: number }
  | Execute
  /** To be executed, if a person agrees. */
  | { readonly kind: "approve"; readonly question: Question; readonly then: Execute };

export interface Execute {
  readonly kind: "execute";
  readonly tool: Tool;
  readonly value: unknown;
  readonly input: Arguments;
  /** Under which to remember the outcome; null for a tool that is not idempotent. */
  readonly key: string | null;
}

/** Under which the outcome of a call is shared; null if it is not. */
export function keyOf(plan: Plan): string | null {
  return plan.kind === "execute" ? plan.key : plan.kind === "approve" ? plan.then.key : null;
}

export function settled(outcome: ToolOutcome): Plan {
  return { kind: "settled", outcome };
}

/** What a call was answered, and remembers meanwhile. */
export interface CallMemory extends Kept {
  readonly answers: unknown[];
  /** How often its body came to an end, and was to be called again. */
  attempts: number;
}

/** In the order of the calls. One that was never begun, because the turn was stopped before it, has no outcome. */
export function recordCalls(
  calls: readonly ToolCall[],
  prepared: readonly PreparedCall[],
  outcomes: readonly (ToolOutcome | undefined)[],
): { messages: Message[]; executions: ToolExecution[] } {
  const timestamp = toTimestamp(Date.now());
  const executions: ToolExecution[] = [];
  const messages: Message[] = [];
  for (const [index, call] of calls.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) {
      messages.push(toolMessage(call, NOT_EXECUTED, true));
      continue;
    }
    const args = prepared[index]?.args ?? call.arguments;
    executions.push(toExecution(call, args, outcome, timestamp));
    messages.push(toolMessage(call, contentFor(outcome), outcome.error !== null, outcome.files));
  }
  return { messages, executions };
}

/**
 * What a person is asked.
 *
 * @param before What is asked already: one answer is for both, so both must be seen.
 * @throws {TypeError} If it cannot be shown.
 */
export function approvalOf(
  question: string,
  metadata: Readonly<Record<string, unknown>> | undefined,
  before: Question | null,
): Question {
  if (typeof question !== "string") {
    throw new TypeError(
      `BeforeToolCallEvent.requireApproval(): expected a question, got ${describe(question)}`,
    );
  }
  const asked = readQuestion({ question, options: [APPROVE, REJECT] }, metadata);
  if (before === null) return asked;
  return {
    ...before,
    question: `${before.question}\n${asked.question}`,
    metadata: Object.freeze({ ...asked.metadata, ...before.metadata }),
  };
}

/** What an answer makes of a call. Whatever is not clearly an approval is none. */
export function decide(plan: Plan & { kind: "approve" }, answer: unknown): Plan {
  if (answer === APPROVE || answer === true) return plan.then;
  const words = typeof answer === "string" && answer !== REJECT ? answer.trim() : "";
  return settled(cancelledByHook(words === "" ? REJECTED : `${REJECTED}: ${clip(words, 1000)}`));
}

const APPROVE = "approve";
const REJECT = "reject";
const REJECTED = "A person did not approve this call";
