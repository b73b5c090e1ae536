/** What hooks around a model call get. */

import { describe } from "../../core/options.ts";
import type { Message } from "../messages.ts";
import { deepFreeze, isRecord } from "../json.ts";
import type { Tool } from "../tools/tool.ts";
import type { HookContext } from "./context.ts";
import { checkReply, type ModelReply, type ReplyChanges } from "./model_reply.ts";
import { steerable } from "./steerable.ts";

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
   * @throws {TypeError} If it is no array of messages.
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
  /** The run that this is part of. */
  readonly context: HookContext;
  /** Discards the answer, once all hooks have seen it, and asks again. */
  retry(): void;
  /**
   * Replaces the answer, or parts of it: what is left out stays as it is. Nobody sees the original.
   *
   * @throws {TypeError} If it is no such answer.
   */
  replaceResponse(changes: ReplyChanges): void;
}

/** A model call has failed. */
export interface ModelErrorEvent {
  /** What it threw. */
  readonly error: unknown;
  /** What it was told. */
  readonly messages: readonly Message[];
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Whether a hook has asked for another attempt. */
  readonly retryRequested: boolean;
  /** The run that this is part of. */
  readonly context: HookContext;
  /** Asks again, once all hooks have seen the error. */
  retry(): void;
}

/** Makes the event before a model call. */
export function beforeModelCall(
  given: Pick<BeforeModelCallEvent, "messages" | "tools" | "context">,
): BeforeModelCallEvent {
  let { messages } = given;
  return steerable<BeforeModelCallEvent>("BeforeModelCallEvent", {
    get messages() {
      return messages;
    },
    tools: given.tools,
    context: given.context,
    replaceMessages: (replacement) => {
      messages = checkMessages(replacement);
    },
  }, { messages: "replaceMessages" });
}

/** Makes the event after a model call. `withhold` takes the answer away from whoever looks later. */
export function afterModelCall(
  given: Pick<AfterModelCallEvent, "response" | "messages" | "attempt" | "context">,
): { event: AfterModelCallEvent; withhold: () => void } {
  let { response } = given;
  let retryRequested = false;
  const replaceResponse = (changes: ReplyChanges) => {
    response = Object.freeze({ ...response, ...checkReply(changes) });
  };
  const event = steerable<AfterModelCallEvent>("AfterModelCallEvent", {
    get response() {
      return response;
    },
    messages: given.messages,
    attempt: given.attempt,
    get retryRequested() {
      return retryRequested;
    },
    context: given.context,
    retry: () => {
      retryRequested = true;
    },
    replaceResponse,
  }, { response: "replaceResponse", retryRequested: "retry" });
  const withhold = () => replaceResponse({ content: null, reasoning: null, tool_calls: [] });
  return { event, withhold };
}

/** Makes the event after a model call that failed. */
export function modelError(
  given: Pick<ModelErrorEvent, "error" | "messages" | "attempt" | "context">,
): ModelErrorEvent {
  let retryRequested = false;
  return steerable<ModelErrorEvent>("ModelErrorEvent", {
    error: given.error,
    messages: given.messages,
    attempt: given.attempt,
    get retryRequested() {
      return retryRequested;
    },
    context: given.context,
    retry: () => {
      retryRequested = true;
    },
  }, { retryRequested: "retry" });
}

function checkMessages(value: unknown): readonly Message[] {
  const isValid = Array.isArray(value) && value.length > 0 &&
    value.every((item) => isRecord(item) && ROLES.includes(String(item.role)));
  if (isValid) return deepFreeze(value.map(complete));
  throw new TypeError(
    `BeforeModelCallEvent.replaceMessages(): expected messages, got ${describe(value)}`,
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
