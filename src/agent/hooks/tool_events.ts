/** What hooks around a tool call get. */

import { describe } from "../../core/options.ts";
import { frozenCopy, isRecord } from "../../core/json.ts";
import { resultText } from "../state/texts.ts";
import { approvalOf } from "../loop/tool_calls/tool_plan.ts";
import type { Question } from "../tools/question.ts";
import { type Fields, type HookContext, readOnlyEvent } from "./context.ts";

/** A tool is about to be called. */
export interface BeforeToolCallEvent {
  /** Which tool; it may be unknown. */
  readonly tool_name: string;
  /** The id of the call. */
  readonly tool_call_id: string;
  /** Validated, with defaults; as the model wrote them if they are not valid; or as replaced so far. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Whether a hook has cancelled the call. */
  readonly cancelled: boolean;
  /** Why, as the model will be told; null while the call is not cancelled. */
  readonly cancelReason: string | null;
  /** What a person is asked before the call is made; null if nobody is. */
  readonly approvalQuestion: string | null;
  /** Its span on the bus, for what the hook publishes about it; null if nobody watches. */
  readonly spanId: string | null;
  /** The run that this is part of. */
  readonly context: HookContext;
  /**
   * Does not call the tool: the model gets the reason in place of a result. The other hooks still run,
   * and none can take it back; the first reason counts.
   *
   * @param reason @default {"Cancelled by hook"}
   */
  cancel(reason?: string): void;
  /**
   * Has a person asked before the tool is called: the run pauses, with the question and the options
   * `approve` and `reject`. Resumed with `"approve"` or `true` it makes the call; anything else cancels it,
   * and the model is told what was answered.
   *
   * - The hooks before the call are not run again. If several ask, one answer is for all their questions.
   * - Other calls of the same turn are made first; of those that need a person as well, one is asked for,
   *   and the others are cancelled.
   * - Nobody is asked where nothing would be run: if the call is cancelled, known or not valid.
   *
   * @param metadata For whoever shows the question. @default {{}}
   */
  requireApproval(question: string, metadata?: Readonly<Record<string, unknown>>): void;
  /**
   * Calls the tool with other arguments. They are validated as the model's are.
   *
   * @throws {TypeError} If they are not an object.
   */
  replaceArguments(args: Readonly<Record<string, unknown>>): void;
}

/** A tool's body ran: it returned, or failed. */
export interface AfterToolCallEvent
  extends Pick<BeforeToolCallEvent, "tool_name" | "tool_call_id" | "spanId" | "context"> {
  /** The arguments that it was called with. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What it returned, as text, or as replaced so far; null if it failed. */
  readonly result: string | null;
  /** How it failed; null if it did not. */
  readonly error: string | null;
  /** How long its body ran, in milliseconds. */
  readonly duration_ms: number;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Whether a hook has asked for another attempt. */
  readonly retryRequested: boolean;
  /** Calls the tool again, once all hooks have seen this: at most 3 times a call. */
  retry(): void;
  /** Replaces what the tool returned, or its error; objects become JSON, as with any tool. */
  replaceResult(result: unknown): void;
}

/** Makes the event before a tool call. */
export function beforeToolCall(
  given: Omit<Fields<BeforeToolCallEvent>, "cancelled" | "cancelReason" | "approvalQuestion">,
): { event: BeforeToolCallEvent; approval: () => Question | null } {
  const owner = "BeforeToolCallEvent";
  const nothing = { cancelled: false, cancelReason: null, approvalQuestion: null };
  const fields: Fields<BeforeToolCallEvent> = { ...given, ...nothing };
  let approval: Question | null = null;
  const event = readOnlyEvent<BeforeToolCallEvent>(owner, fields, {
    cancel: (reason = "Cancelled by hook") => {
      fields.cancelled = true;
      fields.cancelReason ??= String(reason);
    },
    requireApproval: (question, metadata) => {
      approval = approvalOf(question, metadata, approval);
      fields.approvalQuestion = approval.question;
    },
    replaceArguments: (args) => {
      if (!isRecord(args)) {
        throw new TypeError(
          `${owner}.replaceArguments(): expected an object, got ${describe(args)}`,
        );
      }
      fields.arguments = frozenCopy(args) as Record<string, unknown>;
    },
  }, {
    arguments: "replaceArguments",
    cancelled: "cancel",
    cancelReason: "cancel",
    approvalQuestion: "requireApproval",
  });
  return { event, approval: () => approval };
}

/** Makes the event after a tool call. `withhold` puts an error in the place of the result. */
export function afterToolCall(
  given: Omit<Fields<AfterToolCallEvent>, "retryRequested">,
): { event: AfterToolCallEvent; withhold: (error: string) => void } {
  const fields = { ...given, retryRequested: false };
  const withhold = (error: string) => void Object.assign(fields, { result: null, error });
  const event = readOnlyEvent<AfterToolCallEvent>("AfterToolCallEvent", fields, {
    retry: () => void (fields.retryRequested = true),
    replaceResult: (result) => {
      fields.result = resultText(result);
      fields.error = null;
    },
  }, { result: "replaceResult", error: "replaceResult", retryRequested: "retry" });
  return { event, withhold };
}
