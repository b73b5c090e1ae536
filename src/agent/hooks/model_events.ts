/** What hooks around a call of a model or a tool get. */

import { describe, isRecord } from "../../core/options.ts";
import type { Message } from "../state/messages.ts";
import { deepFreeze, frozenCopy } from "../../core/json.ts";
import type { Tool } from "../tools/tool.ts";
import { type Fields, type HookContext, readOnlyEvent } from "./context.ts";
import { checkReply, type ModelReply, type ReplyChanges } from "../model/reply.ts";
import { resultText } from "../state/texts.ts";
import { approvalOf } from "../loop/tool_calls/tool_plan.ts";
import type { Question } from "../tools/question.ts";

/** A model is about to be called. */
export interface BeforeModelCallEvent {
  /** What it will be told. */
  readonly messages: readonly Message[];
  /** What it will be able to call. */
  readonly tools: readonly Tool[];
  /** The run that this is part of. */
  readonly context: HookContext;
  /**
   * Tells it something else: for this call only, the run keeps its conversation.
   *
   * @throws {TypeError} If it is not an array of messages.
   */
  replaceMessages(messages: readonly Message[]): void;
}

/** A model has answered. */
export interface AfterModelCallEvent {
  /** What it answered, as replaced so far. */
  readonly response: ModelReply;
  /** What it was told. */
  readonly messages: readonly Message[];
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Whether a hook has asked for another attempt. */
  readonly retryRequested: boolean;
  /** Its span on the bus, for what the hook publishes about it; null if nobody watches. */
  readonly spanId: string | null;
  /** The run that this is part of. */
  readonly context: HookContext;
  /** Discards the answer, once all hooks have seen it, and asks again. */
  retry(): void;
  /**
   * Replaces the answer, or parts of it: what is left out stays as it is. Nobody sees the original.
   *
   * @throws {TypeError} If it is not an answer.
   */
  replaceResponse(changes: ReplyChanges): void;
}

/** A model call has failed. */
export interface ModelErrorEvent
  extends
    Pick<AfterModelCallEvent, "messages" | "attempt" | "retryRequested" | "spanId" | "context"> {
  /** What it threw. */
  readonly error: unknown;
  /** Whether it had begun to stream its answer. What there is of it is void; if it is asked again, events say so. */
  readonly brokeOff: boolean;
  /** Asks again, once all hooks have seen the error. */
  retry(): void;
  /**
   * Tells the model something else when it is asked again, such as less: for this call only, the run keeps its
   * conversation.
   *
   * @throws {TypeError} If it is not an array of messages.
   */
  replaceMessages(messages: readonly Message[]): void;
}

export function beforeModelCall(given: Fields<BeforeModelCallEvent>): BeforeModelCallEvent {
  const owner = "BeforeModelCallEvent";
  const fields = { ...given };
  return readOnlyEvent<BeforeModelCallEvent>(owner, fields, {
    replaceMessages: (messages) => void (fields.messages = checkMessages(owner, messages)),
  }, { messages: "replaceMessages" });
}

/** Makes the event after a model call. `withhold` takes the answer away from whoever looks later. */
export function afterModelCall(
  given: Omit<Fields<AfterModelCallEvent>, "retryRequested">,
): { event: AfterModelCallEvent; withhold: () => void } {
  const fields = { ...given, retryRequested: false };
  const replaceResponse = (changes: ReplyChanges) => {
    fields.response = Object.freeze({ ...fields.response, ...checkReply(changes) });
  };
  const event = readOnlyEvent<AfterModelCallEvent>("AfterModelCallEvent", fields, {
    retry: () => void (fields.retryRequested = true),
    replaceResponse,
  }, { response: "replaceResponse", retryRequested: "retry" });
  const withhold = () => replaceResponse({ content: null, reasoning: null, tool_calls: [] });
  return { event, withhold };
}

export function modelError(
  given: Omit<Fields<ModelErrorEvent>, "retryRequested">,
): ModelErrorEvent {
  const owner = "ModelErrorEvent";
  const fields = { ...given, retryRequested: false };
  return readOnlyEvent<ModelErrorEvent>(owner, fields, {
    retry: () => void (fields.retryRequested = true),
    replaceMessages: (messages) => void (fields.messages = checkMessages(owner, messages)),
  }, { messages: "replaceMessages", retryRequested: "retry" });
}

function checkMessages(owner: string, value: unknown): readonly Message[] {
  const isValid = Array.isArray(value) && value.length > 0 &&
    value.every((item) => isRecord(item) && ROLES.includes(String(item.role)));
  if (isValid) return deepFreeze(value.map(complete));
  throw new TypeError(
    `${owner}.replaceMessages(): expected messages, got ${describe(value)}`,
  );
}

/** Hooks are also written in JavaScript, where it is natural to leave out what is empty. */
function complete(message: Partial<Message> & Pick<Message, "role">): Message {
  return {
    content: null,
    tool_calls: [],
    tool_call_id: null,
    name: null,
    metadata: {},
    ...message,
  };
}

const ROLES = ["system", "user", "assistant", "tool"];

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
