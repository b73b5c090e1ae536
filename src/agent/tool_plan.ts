/** What is to be done about the tool calls of a turn. */

import type { Question } from "./interrupt.ts";
import type { ToolCall } from "./messages.ts";
import type { ModelResponse } from "./model/response.ts";
import type { ToolOutcome } from "./tool_outcome.ts";
import type { Tool } from "./tools/tool.ts";

/** What a turn needs to go on when its question is answered. */
export interface PausedBatch {
  readonly response: ModelResponse;
  readonly prepared: readonly PreparedCall[];
  readonly outcomes: readonly (ToolOutcome | undefined)[];
  /** Which call asks. */
  readonly index: number;
  readonly question: Question;
  /** What it was answered before. */
  readonly answers: readonly unknown[];
}

/** A call whose arguments are read, and what is to be done about it. */
export interface PreparedCall {
  readonly call: ToolCall;
  /** Validated, with defaults; as the model or a hook wrote them if they are not valid. */
  readonly args: Arguments;
  readonly plan: Plan;
}

/** Arguments as plain data. */
export type Arguments = Readonly<Record<string, unknown>>;

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
