/** What is to be done about the tool calls of a turn. */

import type { ToolSpan } from "../../spans/tool_spans.ts";
import type { Question } from "../../tools/question.ts";
import type { Arguments } from "../../state/messages.ts";
import type { SeenCall } from "../feature.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { ToolOutcome } from "../../tools/outcome.ts";
import type { Tool } from "../../tools/tool.ts";

/** What a turn needs to go on when its question is answered. */
export interface PausedBatch {
  readonly response: ModelResponse;
  readonly prepared: readonly PreparedCall[];
  readonly outcomes: readonly (ToolOutcome | undefined)[];
  /** The calls that have begun and are not over: first the one whose question is asked now. */
  readonly open: readonly [AskingCall, ...OpenCall[]];
}

/** A call that has begun and is not over. */
export interface OpenCall {
  readonly index: number;
  /** What it asks; null if it waits only because another call asks. */
  readonly question: Question | null;
  /** What it was answered before. */
  readonly answers: readonly unknown[];
  /** What its tool wants to remember: JSON; undefined for nothing. */
  readonly kept: unknown;
  /** Its span on the bus; null if nobody watched. */
  readonly spanId: string | null;
}

/** A call that asks a person. */
export interface AskingCall extends OpenCall {
  readonly question: Question;
}

/** A call whose arguments are read, and what is to be done about it. */
export interface PreparedCall extends SeenCall {
  readonly plan: Plan;
  readonly span: ToolSpan | null;
}

/** What is to be done about a call. */
export type Plan =
  /** Nothing to run: unknown, invalid, refused, or known from an earlier turn. */
  | { readonly kind: "settled"; readonly outcome: ToolOutcome }
  /** The same idempotent call as that one of this turn. */
  | { readonly kind: "copy"; readonly of: number }
  | Execute
  /** To be executed, if a person agrees. */
  | { readonly kind: "approve"; readonly question: Question; readonly then: Execute };

/** The tool's body is to be run. */
export interface Execute {
  readonly kind: "execute";
  readonly tool: Tool;
  readonly value: unknown;
  /** What `value` was made from. */
  readonly input: Arguments;
  /** Under which to remember the outcome; null for a tool that is not idempotent. */
  readonly key: string | null;
}

/** Nothing to run: this is how it ended. */
export function settled(outcome: ToolOutcome): Plan {
  return { kind: "settled", outcome };
}
