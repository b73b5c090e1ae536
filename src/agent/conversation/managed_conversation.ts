/** Keeps what a model is sent within what it takes, by the agent's conversation manager. */

import { describe, isRecord } from "../../core/options.ts";
import { noteOpen } from "../../core/run/open_work.ts";
import { withinRun } from "../../core/run/run_context.ts";
import { abortable } from "../../core/waits.ts";
import {
  type ConversationContext,
  type ConversationManager,
  ConversationTooLongError,
  type CountedMessages,
} from "../../memory/conversation/manager.ts";
import type { Feature, FeatureContext, RetryRequest } from "../loop/feature.ts";
import { ContextOverflowError } from "../state/errors.ts";
import type { Message } from "../state/messages.ts";
import { clip, report } from "../state/texts.ts";
import type { AgentState } from "../state/state.ts";
import { contentFor } from "../tools/outcome.ts";
import { type Tool, tool } from "../tools/tool.ts";

/**
 * Asks the manager before each model call, and once more when the model refuses the conversation as too long. The run keeps
 * all messages: only what is sent is shorter.
 */
export function managedConversation(manager: ConversationManager, canReadAgain: boolean): Feature {
  let view: View | null = null;
  /** A view that was stored; its messages are not known yet. */
  let stored: unknown = undefined;
  let counted: CountedMessages | null = null;
  /** The latest call: what the run had to say, what was sent of it, and whether that was shortened after a refusal. */
  let call = { messages: NONE, sent: NONE, isRetried: false };

  async function ask(
    run: FeatureContext,
    messages: readonly Message[],
    because: ConversationContext["because"],
  ): Promise<readonly Message[]> {
    const { span, signal } = run;
    const apply = () =>
      manager.apply(messages, {
        because,
        counted,
        signal,
        spanId: span?.id ?? null,
        emit: (type, data) => span?.run.emit(type as string, data),
        ...span !== null &&
          { onStopped: (end) => noteOpen(span.run, (isStopped) => isStopped && end()) },
        ask: (question) => run.ask(run.auxiliaryModel, question),
        ...canReadAgain && { keep: (message) => referenceOf(run.state, message) },
      });
    try {
      // One of the user's own may not look at the signal.
      const managing = span === null ? apply() : withinRun(span.run, apply);
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

  async function shorten(run: FeatureContext, refused: readonly Message[]): Promise<RetryRequest> {
    try {
      const messages = await ask(run, refused, "overflow");
      // What hooks have put into this call is not the run's to remember.
      if (refused === call.sent) view = viewOf(call.messages, messages);
      return { retry: messages !== refused, messages };
    } catch (error) {
      // What the model said is what counts.
      if (!(error instanceof ContextOverflowError) && !run.signal.aborted) {
        report("the conversation manager failed", error);
      }
      return { retry: false, messages: refused };
    }
  }

  return {
    name: "conversation",

    async beforeModelCall(run, messages) {
      if (stored !== undefined) view = restoreView(stored, messages);
      stored = undefined;
      const given = throughView(messages, view);
      const sent = await ask(run, given, "threshold");
      if (sent !== given) view = viewOf(messages, sent);
      call = { messages, sent, isRetried: false };
      return sent;
    },

    afterModelCall(_run, { usage }, { messages }) {
      const { input_tokens: tokens = 0 } = usage;
      if (tokens > 0) counted = { messages, tokens };
      return null;
    },

    modelFailed(run, error, { messages }) {
      if (!(error instanceof ContextOverflowError) || call.isRetried) return null;
      call.isRetried = true;
      return shorten(run, messages);
    },

    save: () => view === null ? stored : storeView(view),
    // It goes on with the same messages, which come with the next call.
    load: (data) => void (stored = data),
    carryOver: (data, messages) => void (view = restoreView(data, messages)),
  };
}

const NONE: readonly Message[] = [];

/**
 * The beginning of a conversation as a manager has left it. What comes later is added, so that nothing is shortened, or
 * summarised, twice.
 *
 * Leading instructions are not part of it: they are those of the run, not of the thread.
 */
export interface View {
  readonly source: readonly Message[];
  readonly messages: readonly Message[];
}

/** The conversation as it is sent: what the view stands for in its place, if it is the beginning. */
export function throughView(messages: readonly Message[], view: View | null): readonly Message[] {
  if (view === null) return messages;
  const start = countInstructions(messages);
  const isBeginning = view.source.length <= messages.length - start &&
    view.source.every((message, i) => message === messages[start + i]);
  if (!isBeginning) return messages;
  return [
    ...messages.slice(0, start),
    ...view.messages,
    ...messages.slice(start + view.source.length),
  ];
}

export function viewOf(messages: readonly Message[], sent: readonly Message[]): View {
  const source = messages.slice(countInstructions(messages));
  const instructions = new Set(messages.slice(0, messages.length - source.length));
  return { source, messages: sent.filter((message) => !instructions.has(message)) };
}

/** A view as plain JSON: messages of the run by their index. */
export function storeView({ source, messages }: View): unknown {
  const indexes = new Map(source.map((message, i) => [message, i]));
  return {
    covers: source.length,
    messages: messages.map((message) => indexes.get(message) ?? message),
  };
}

/** The view that was stored; null if it is none of these messages: then it is made again. */
export function restoreView(stored: unknown, messages: readonly Message[]): View | null {
  const body = messages.slice(countInstructions(messages));
  if (!isRecord(stored) || !Array.isArray(stored.messages)) return null;
  const { covers } = stored;
  if (typeof covers !== "number" || covers > body.length) return null;
  const restored = stored.messages.map((item) => typeof item === "number" ? body[item] : item);
  if (!restored.every(isMessage)) return null;
  return { source: body.slice(0, covers), messages: restored };
}

function isMessage(value: unknown): value is Message {
  return isRecord(value) && typeof value.role === "string" && Array.isArray(value.tool_calls) &&
    isRecord(value.metadata);
}

function countInstructions(messages: readonly Message[]): number {
  const first = messages.findIndex(({ role }) => role !== "system");
  return first < 0 ? messages.length : first;
}

export const READ_EARLIER = "read_earlier_result";

/** By what the whole text of a tool message can be read again; null if the run does not have it. */
export function referenceOf({ tool_executions }: AgentState, message: Message): string | null {
  // Providers use ids again: what counts is that it is the same text.
  const number = tool_executions.findLastIndex((execution) =>
    execution.tool_call_id === message.tool_call_id && contentFor(execution) === message.content
  );
  return number < 0 ? null : `${READ_EARLIER}({"number":${number}})`;
}

export function readEarlierTool(): Tool {
  return tool<{ number: number; offset: number }>({
    name: READ_EARLIER,
    description: "Reads an earlier tool result that was left out of the conversation to save room.",
    parameters: {
      type: "object",
      properties: {
        number: { type: "integer", minimum: 0, description: "As the text in its place says." },
        offset: { type: "integer", minimum: 0, default: 0, description: "Where to begin." },
      },
      required: ["number"],
    },
    execute: ({ number, offset }, { state }) => {
      const execution = state.tool_executions[number];
      if (execution === undefined) throw new RangeError(`There is no earlier result ${number}`);
      const text = contentFor(execution);
      const part = clip(text.slice(offset), MAX_LENGTH);
      const end = Math.min(offset + part.length, text.length);
      const rest = end < text.length ? `go on with offset ${end}` : "this is the end";
      return `[up to character ${end} of ${text.length}; ${rest}]\n${part}`;
    },
  }) as Tool;
}

const MAX_LENGTH = 8000;
