/** What is sent of a conversation, in the place of all that the run keeps. */

import { isRecord } from "../../core/json.ts";
import type { Message } from "../state/messages.ts";

/**
 * The beginning of a conversation as a manager has left it. What comes later is added, so that nothing is shortened, or
 * summarised, twice.
 *
 * Leading instructions are not part of it: they are those of the run, not of the thread.
 */
export interface View {
  /** What it stands for. */
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

/** The view that makes `sent` of `messages`. */
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
