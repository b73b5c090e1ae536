/** The conversation as the agent keeps it, independent of any model's wire format. */

import type { ToolCall } from "../events/agent_events.ts";
import { deepFreeze } from "./json.ts";

export type { ToolCall };

/** Who says a {@linkcode Message}. */
export type MessageRole = "system" | "user" | "assistant" | "tool";

/** One message of a conversation. */
export interface Message {
  /** Who says it. */
  readonly role: MessageRole;
  /** The text; null for an assistant message that only calls tools. */
  readonly content: string | null;
  /** What an assistant message asks for. */
  readonly tool_calls: readonly ToolCall[];
  /** Which call a tool message answers. */
  readonly tool_call_id: string | null;
  /** Which tool a tool message comes from. */
  readonly name: string | null;
  /**
   * `parts`: the assistant's answer as the model gave it, where that is more than text and tool
   * calls; handed back so that signed reasoning survives. `is_error`: on the message of a failed tool.
   */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** An instruction. */
export function systemMessage(content: string): Message {
  return message("system", content);
}

/** What the person says. */
export function userMessage(content: string): Message {
  return message("user", content);
}

/** What the model says. `parts` is kept only where it holds more than text and calls. */
export function assistantMessage(
  content: string | null,
  toolCalls: readonly ToolCall[],
  parts: readonly unknown[] | null = null,
): Message {
  const metadata = parts === null ? NOTHING : { parts };
  return message("assistant", content, { tool_calls: toolCalls, metadata });
}

/** What a tool returned, or how it failed. */
export function toolMessage(call: ToolCall, content: string, isError: boolean): Message {
  const metadata = isError ? { is_error: true } : NOTHING;
  return message("tool", content, { tool_call_id: call.id, name: call.name, metadata });
}

/** The text of the last assistant message that has any, from index `start` on; null if none has. */
export function lastAssistantText(messages: readonly Message[], start = 0): string | null {
  for (let i = messages.length - 1; i >= start; i--) {
    const { role, content } = messages[i]!;
    if (role === "assistant" && content !== null && content !== "") return content;
  }
  return null;
}

/**
 * The messages without loose ends: models refuse a tool call without a result, and a result without
 * its call. A call without a result is left out (with its message, if that has no text), and so is
 * the result of an unknown call.
 */
export function repairOrphans(messages: readonly Message[]): readonly Message[] {
  if (isSound(messages)) return messages;
  const repaired: Message[] = [];
  for (let i = 0; i < messages.length;) {
    const current = messages[i++]!;
    const results: Message[] = [];
    // The results of a message's calls are the tool messages that follow it at once.
    while (messages[i]?.role === "tool") results.push(messages[i++]!);
    if (current.role === "tool") continue;
    const answered = new Set(results.map((result) => result.tool_call_id));
    const calls = current.tool_calls.filter((call) => answered.has(call.id));
    const asked = new Set(calls.map((call) => call.id));
    const kept = results.filter((result) => asked.has(result.tool_call_id ?? ""));
    if (calls.length === current.tool_calls.length) repaired.push(current, ...kept);
    else if (calls.length > 0 || current.content) {
      repaired.push(assistantMessage(current.content, calls), ...kept);
    }
  }
  return repaired;
}

/** Whether each call has its result, one after the other in the order of the calls, as runs leave them. */
function isSound(messages: readonly Message[]): boolean {
  let open: readonly ToolCall[] = [];
  let answered = 0;
  for (const { role, tool_call_id, tool_calls } of messages) {
    if (role === "tool") {
      if (open[answered++]?.id !== tool_call_id) return false;
      continue;
    }
    if (answered !== open.length) return false;
    open = tool_calls;
    answered = 0;
  }
  return answered === open.length;
}

function message(role: MessageRole, content: string | null, rest?: Partial<Message>): Message {
  return deepFreeze({
    role,
    content,
    tool_calls: NO_CALLS,
    tool_call_id: null,
    name: null,
    metadata: NOTHING,
    ...rest,
  });
}

const NO_CALLS: readonly ToolCall[] = Object.freeze([]);
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});
