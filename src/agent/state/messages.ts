/** The conversation as the agent keeps it, independent of any model's wire format. */

import type { ToolCall } from "../../events/agent_events.ts";
import type { Message, MessageRole } from "../../events/message.ts";
import { deepFreeze } from "../../core/json.ts";
import { type FileContent, NO_FILES } from "./files.ts";

export type { Message, MessageRole, ToolCall };

export type Arguments = ToolCall["arguments"];

export function systemMessage(content: string): Message {
  return message("system", content);
}

/** A message of a prompt: a thread keeps its instructions, while those of the agent are made anew with each run. */
export function asGiven(message: Message): Message {
  if (message.role !== "system") return message;
  return deepFreeze({ ...message, metadata: { ...message.metadata, is_given: true } });
}

export function userMessage(content: string, files: readonly FileContent[] = NO_FILES): Message {
  return message("user", content, { metadata: withFiles(NOTHING, files) });
}

/** What the model says. `parts` is kept only where it holds more than text and calls. */
export function assistantMessage(
  content: string | null,
  toolCalls: readonly ToolCall[],
  parts: readonly unknown[] | null = null,
  { isPaused, sources = [], provider }: AnswerFacts = {},
): Message {
  const metadata = {
    ...parts !== null && { parts },
    ...parts !== null && provider !== undefined && { provider },
    ...isPaused && { is_paused: true },
    ...sources.length > 0 && { sources },
  };
  return message("assistant", content, { tool_calls: toolCalls, metadata });
}

export interface AnswerFacts {
  readonly isPaused?: boolean;
  readonly sources?: readonly Source[];
  /** Who gave it: others do not know all of its parts. */
  readonly provider?: string;
}

export function toolMessage(
  call: ToolCall,
  content: string,
  isError: boolean,
  files: readonly FileContent[] = NO_FILES,
): Message {
  const metadata = withFiles(isError ? { is_error: true } : NOTHING, files);
  return message("tool", content, { tool_call_id: call.id, name: call.name, metadata });
}

export function filesOf({ metadata }: Message): readonly FileContent[] {
  return metadata.files as readonly FileContent[] | undefined ?? NO_FILES;
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
 * The messages with one result for each call, right after it and in the order of the calls: models refuse anything else.
 *
 * A call without a result gets one that says `missing`. It is not left out: its message may hold signed reasoning, which
 * must come back as it was given. The result of an unknown call is left out.
 */
export function completeCalls(
  messages: readonly Message[],
  missing: string = NO_RESULT,
): readonly Message[] {
  if (isSound(messages)) return messages;
  const complete: Message[] = [];
  for (let i = 0; i < messages.length;) {
    const current = messages[i++]!;
    const results = new Map<string | null, Message>();
    // The results of a message's calls are the tool messages that follow it at once.
    for (; messages[i]?.role === "tool"; i++) {
      results.set(messages[i]!.tool_call_id, messages[i]!);
    }
    if (current.role === "tool") continue;
    complete.push(current);
    for (const call of current.tool_calls) {
      complete.push(results.get(call.id) ?? toolMessage(call, missing, true));
    }
  }
  return Object.freeze(complete);
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

function withFiles(
  metadata: Message["metadata"],
  files: readonly FileContent[],
): Message["metadata"] {
  return files.length === 0 ? metadata : { ...metadata, files };
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

const NO_RESULT = "There is no result of this call: it is not known what came of it";
const NO_CALLS: readonly ToolCall[] = Object.freeze([]);
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** The name of the tool that asks. The model never sees it. */
export const APPROVAL_TOOL = "approve_provider_tool";

/** What the tool returns if a person agrees. */
export const APPROVED = "approve";

export function isApproval({ name }: Pick<ToolCall | Message, "name">): boolean {
  return name === APPROVAL_TOOL;
}

/** A page or a document that the provider used for an answer. */
export interface Source {
  /** The provider's id for it; unique within the answer. */
  readonly id: string;
  /** What it is. */
  readonly type: "url" | "document";
  /** The address of a page; null for a document. */
  readonly url: string | null;
  /** Its title; null if it has none. */
  readonly title: string | null;
  /** The type of a document, such as `application/pdf`; null for a page. */
  readonly media_type: string | null;
  /** The name of a document's file; null if it has none. */
  readonly filename: string | null;
}

/** The sources of the messages, each once, in the order in which they were named. */
export function sourcesOf(
  messages: readonly { readonly metadata: Readonly<Record<string, unknown>> }[],
): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { metadata } of messages) {
    for (const source of metadata["sources"] as readonly Source[] | undefined ?? []) {
      const { url, filename, title, id } = source;
      const key = url ?? (JSON.stringify([filename, title ?? id]));
      if (!sources.has(key)) sources.set(key, source);
    }
  }
  return Object.freeze([...sources.values()]);
}
