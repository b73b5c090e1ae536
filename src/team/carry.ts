/** How much of a conversation goes along when it changes hands. */

import { completeCalls, type Message } from "../agent/state/messages.ts";
import { shown } from "./words.ts";

/**
 * What the target of a handoff gets of the source's conversation.
 *
 * `summary`: a line for each message. `last`: the last turn, from what the user said last. `all`: every message. `none`:
 * nothing but the task. A function gets all messages and chooses.
 */
export type Carry =
  | "summary"
  | "none"
  | "last"
  | "all"
  | ((messages: readonly Message[]) => readonly Message[]);

/** What goes along, and how much that is. */
export interface Carried {
  readonly messages: readonly Message[];
  /** A line for each message; null if the messages themselves go along, or nothing does. */
  readonly summary: string | null;
  readonly counts: {
    readonly carry: string;
    readonly messages_total: number;
    readonly messages_carried: number;
    readonly messages_left_out: number;
    readonly tool_results_left_out: number;
  };
}

/**
 * Chooses from a conversation. Every call that goes along has its result, and no result is without its call. Calls of the
 * handoff itself stay behind: the target does not have that tool.
 */
export function carryOver(conversation: readonly Message[], carry: Carry): Carried {
  const all = completeCalls(
    conversation.filter(({ role }) => role !== "system").flatMap(withoutHandoff),
  );
  const messages = completeCalls(choose(all, carry));
  const results = (list: readonly Message[]) => list.filter(({ role }) => role === "tool").length;
  return {
    messages,
    summary: carry === "summary" ? summarize(all) : null,
    counts: {
      carry: typeof carry === "function" ? "custom" : carry,
      messages_total: all.length,
      messages_carried: messages.length,
      messages_left_out: Math.max(0, all.length - messages.length),
      tool_results_left_out: Math.max(0, results(all) - results(messages)),
    },
  };
}

/** Tools of that name change hands. */
export const HANDOFF_PREFIX = "hand_off_to_";

function choose(all: readonly Message[], carry: Carry): readonly Message[] {
  if (typeof carry === "function") return carry(all).filter(({ role }) => role !== "system");
  if (carry === "all") return all;
  if (carry !== "last") return [];
  return all.slice(Math.max(0, all.findLastIndex(({ role }) => role === "user")));
}

function withoutHandoff(message: Message): readonly Message[] {
  const { role, name, content, tool_calls } = message;
  if (role === "tool") return name?.startsWith(HANDOFF_PREFIX) ? [] : [message];
  const calls = tool_calls.filter(({ name }) => !name.startsWith(HANDOFF_PREFIX));
  if (calls.length === tool_calls.length) return [message];
  if (calls.length === 0 && !content) return [];
  // What the provider gave names the call that stays behind.
  return [{ ...message, tool_calls: calls, metadata: {} }];
}

function summarize(messages: readonly Message[]): string | null {
  const lines = messages.flatMap(({ role, content }) => {
    if (!content) return [];
    const start = shown(content, 200);
    return `[${role.toUpperCase()}]: ${start}${start.length < content.length ? "..." : ""}`;
  });
  const earlier = lines.length - MAX_LINES;
  if (earlier > 0) lines.splice(0, earlier, `(${earlier} earlier messages)`);
  return lines.length === 0 ? null : lines.join("\n");
}

const MAX_LINES = 50;
