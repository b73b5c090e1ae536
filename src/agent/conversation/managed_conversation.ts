/** Keeps what a model is sent within what it takes, by the agent's conversation manager. */

import { describe } from "../../core/options.ts";
import { withinRun } from "../../core/run/run_context.ts";
import { abortable } from "../../core/waits.ts";
import {
  type ConversationContext,
  type ConversationManager,
  ConversationTooLongError,
  type CountedMessages,
} from "../../memory/conversation/manager.ts";
import type {
  FailedAttempt,
  Feature,
  FeatureContext,
  ModelAttempt,
  RetryRequest,
} from "../loop/feature.ts";
import type { ModelReply } from "../model/reply.ts";
import { ContextOverflowError } from "../state/errors.ts";
import type { Message } from "../state/messages.ts";
import { report } from "../state/report.ts";
import { referenceOf } from "./earlier_results.ts";
import { restoreView, storeView, throughView, type View, viewOf } from "./view.ts";

/**
 * Asks the manager before each model call, and once more when the model refuses the conversation as too long. The run keeps
 * all messages: only what is sent is shorter.
 */
export class ManagedConversation implements Feature {
  readonly name = "conversation";
  readonly #manager: ConversationManager;
  readonly #canReadAgain: boolean;
  #view: View | null = null;
  /** A view that was stored; its messages are not known yet. */
  #stored: unknown = undefined;
  #counted: CountedMessages | null = null;
  /** The latest call: what the run had to say, what was sent of it, and whether that was shortened after a refusal. */
  #call: { readonly messages: readonly Message[]; sent: readonly Message[]; isRetried: boolean };

  /** @param canReadAgain Whether the model has the tool to read what was cut. */
  constructor(manager: ConversationManager, canReadAgain: boolean) {
    this.#manager = manager;
    this.#canReadAgain = canReadAgain;
    this.#call = { messages: [], sent: [], isRetried: false };
  }

  /** @throws {ContextOverflowError} If the manager can't make it short enough. */
  async beforeModelCall(
    run: FeatureContext,
    messages: readonly Message[],
  ): Promise<readonly Message[]> {
    if (this.#stored !== undefined) this.#view = restoreView(this.#stored, messages);
    this.#stored = undefined;
    const given = throughView(messages, this.#view);
    const sent = await this.#ask(run, given, "threshold");
    if (sent !== given) this.#view = viewOf(messages, sent);
    this.#call = { messages, sent, isRetried: false };
    return sent;
  }

  afterModelCall(_run: FeatureContext, { usage }: ModelReply, { messages }: ModelAttempt): null {
    const { input_tokens: tokens = 0 } = usage;
    if (tokens > 0) this.#counted = { messages, tokens };
    return null;
  }

  /** Shortens what was refused, once for each call. */
  modelFailed(
    run: FeatureContext,
    error: unknown,
    { messages }: FailedAttempt,
  ): Promise<RetryRequest> | null {
    if (!(error instanceof ContextOverflowError) || this.#call.isRetried) return null;
    this.#call.isRetried = true;
    return this.#shorten(run, messages);
  }

  async #shorten(run: FeatureContext, refused: readonly Message[]): Promise<RetryRequest> {
    try {
      const messages = await this.#ask(run, refused, "overflow");
      // What hooks have put into this call is not the run's to remember.
      if (refused === this.#call.sent) this.#view = viewOf(this.#call.messages, messages);
      return { retry: messages !== refused, messages };
    } catch (error) {
      // What the model said is what counts.
      if (!(error instanceof ContextOverflowError) && !run.signal.aborted) {
        report("the conversation manager failed", error);
      }
      return { retry: false, messages: refused };
    }
  }

  save(): unknown {
    return this.#view === null ? this.#stored : storeView(this.#view);
  }

  /** It goes on with the same messages, which come with the next call. */
  load(data: unknown): void {
    this.#stored = data;
  }

  carryOver(data: unknown, messages: readonly Message[]): void {
    this.#view = restoreView(data, messages);
  }

  async #ask(
    run: FeatureContext,
    messages: readonly Message[],
    because: ConversationContext["because"],
  ): Promise<readonly Message[]> {
    const { span, signal } = run;
    const inside = <T>(work: () => T) => span === null ? work() : withinRun(span.run, work);
    try {
      const managing = inside(() =>
        this.#manager.apply(messages, {
          because,
          counted: this.#counted,
          signal,
          spanId: span?.id ?? null,
          emit: (type, data) => span?.run.emit(type as string, data),
          ask: (question) => run.ask(run.auxiliaryModel, question),
          ...this.#canReadAgain && { keep: (message) => referenceOf(run.state, message) },
        })
      );
      // One of the user's own may not look at the signal.
      const sent = await abortable(Promise.resolve(managing), signal);
      if (Array.isArray(sent) && sent.length > 0) return sent;
      throw new TypeError(
        `conversationManager: apply() must return an array of messages that is not empty, got ${
          describe(sent)
        }`,
      );
    } catch (error) {
      if (!(error instanceof ConversationTooLongError)) throw error;
      throw new ContextOverflowError(error.message, error);
    }
  }
}
