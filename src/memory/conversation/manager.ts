/** Conversation managers: what keeps a conversation within what a model takes, and what they are told. */

import type { MemoryEvents } from "../../events/catalogue/memory.ts";
import type { Message } from "../../events/message.ts";

/**
 * Keeps a conversation short enough for a model: `new Agent({ conversationManager })`. Make one with `slidingWindow()`,
 * `summarizing()` or `compaction()`, or write your own.
 *
 * One manager serves all runs of its agent, at the same time: it keeps nothing of a run.
 */
export interface ConversationManager {
  /**
   * Whether it cuts results of tools: then an agent with tools gets one more, `read_earlier_result`, and
   * {@linkcode ConversationContext.keep} names it. @default {false}
   */
  readonly cutsResults?: boolean;
  /**
   * The messages to send. The messages that it is given are never changed; if nothing has to be done, they are returned
   * as they are: the same array.
   *
   * @throws {ConversationTooLongError} If it can't be made short enough without losing what has to stay.
   */
  apply(
    messages: readonly Message[],
    context?: ConversationContext,
  ): readonly Message[] | Promise<readonly Message[]>;
}

/** What a manager is told of the run, and what it may do there. Outside of an agent, all of it can be left out. */
export interface ConversationContext {
  /**
   * Why it is asked: before a model call, because the model refused the conversation as too long, or because somebody
   * wants it shorter now. @default {"threshold"}
   */
  readonly because?: "threshold" | "overflow" | "asked";
  /** How many tokens the provider counted for the latest call, and what that was. @default {null: not known} */
  readonly counted?: CountedMessages | null;
  /** Ends what the manager waits for. @default {never} */
  readonly signal?: AbortSignal;
  /** The span that its events belong to. @default {null: the top of the run} */
  readonly spanId?: string | null;
  /** Publishes an event. @default {nothing is published} */
  emit?<T extends keyof MemoryEvents>(eventType: T, data: MemoryEvents[T]): void;
  /**
   * Calls `end` when the run is stopped and waits no longer: what the manager has begun to tell ends there.
   *
   * @returns Forgets it.
   */
  onStopped?(end: () => void): () => void;
  /** Asks a model beside the conversation. @default {there is none: summaries are made of excerpts} */
  ask?(question: { readonly instruction: string; readonly text: string }): Promise<string>;
  /** Whether the whole text of a tool message can be read again later, and by what; null if not. @default {it can't} */
  keep?(message: Message): string | null;
}

/** A conversation whose tokens were counted by its provider. */
export interface CountedMessages {
  /** What was sent. */
  readonly messages: readonly Message[];
  /** How many tokens that were, tools and all. */
  readonly tokens: number;
}

/** A conversation is longer than its model takes, and nothing of what is left may go. */
export class ConversationTooLongError extends Error {
  /** The name of the class. */
  override readonly name = "ConversationTooLongError";
  /** How many tokens are left, by the manager's count. */
  readonly tokens: number;
  /** How many the model takes. */
  readonly contextTokens: number;

  /** Makes the error. */
  constructor(tokens: number, contextTokens: number) {
    super(
      `The conversation has about ${tokens} tokens of which nothing may go, and the model takes ${contextTokens}`,
    );
    this.tokens = tokens;
    this.contextTokens = contextTokens;
  }
}
