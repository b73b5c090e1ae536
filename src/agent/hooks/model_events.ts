/** What hooks around a model call get. */

import { describe } from "../../core/options.ts";
import type { Message } from "../state/messages.ts";
import { deepFreeze, isRecord } from "../../core/json.ts";
import type { Tool } from "../tools/tool.ts";
import { type Fields, type HookContext, readOnlyEvent } from "./context.ts";
import { checkReply, type ModelReply, type ReplyChanges } from "../model/reply.ts";

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

/** Makes the event before a model call. */
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

/** Makes the event after a model call that failed. */
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
