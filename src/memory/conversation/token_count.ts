/** How many tokens a conversation is: what its provider counted, and an estimate of the rest. */

import type { Message } from "../../events/message.ts";
import { estimateMessage } from "./estimate_tokens.ts";
import type { CountedMessages } from "./manager.ts";

/**
 * Counts the tokens of messages. Where the provider has counted, its count is taken for what was sent, and what the estimate
 * was off corrects the estimate of everything else.
 */
export class TokenCount {
  readonly #counted: CountedMessages | null;
  readonly #ratio: number;

  constructor(counted: CountedMessages | null = null) {
    const ratio = counted === null ? 0 : counted.tokens / sum(counted.messages);
    // Less than that is not the whole prompt: some say only what they had not cached.
    const isWhole = ratio >= MIN_RATIO;
    this.#counted = isWhole ? counted : null;
    // Bounded: tools, which the provider counts as well, may be more than the messages.
    this.#ratio = isWhole ? Math.min(MAX_RATIO, ratio) : 1;
  }

  /** A whole conversation. */
  of(messages: readonly Message[]): number {
    const { messages: sent, tokens } = this.#counted ?? { messages: [], tokens: 0 };
    const goesOn = sent.length > 0 && sent.length <= messages.length &&
      sent.every((message, i) => message === messages[i]);
    return goesOn
      ? Math.ceil(tokens + sum(messages.slice(sent.length)) * this.#ratio)
      : Math.ceil(sum(messages) * this.#ratio);
  }

  /** One message. */
  ofOne(message: Message): number {
    return estimate(message) * this.#ratio;
  }
}

const MIN_RATIO = 0.6;
const MAX_RATIO = 1.8;

function sum(messages: readonly Message[]): number {
  return messages.reduce((tokens, message) => tokens + estimate(message), 0);
}

// Messages are never changed, and each is counted before each call.
const estimates = new WeakMap<Message, number>();

function estimate(message: Message): number {
  let tokens = estimates.get(message);
  if (tokens === undefined) estimates.set(message, tokens = estimateMessage(message));
  return tokens;
}
