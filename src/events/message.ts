/** A conversation, independent of any model's wire format: what an agent keeps, and what conversation managers shorten. */

import type { ToolCall } from "./agent_events.ts";

/** Who says a {@linkcode Message}. */
export type MessageRole = "system" | "user" | "assistant" | "tool";

/** One message of a conversation. */
export interface Message {
  /** Who says it. */
  readonly role: MessageRole;
  /**
   * The text, with a label such as `[image: image/png, 2048 bytes]` in the place of each file; null for an assistant
   * message that only calls tools.
   */
  readonly content: string | null;
  /** What an assistant message asks for. */
  readonly tool_calls: readonly ToolCall[];
  /** Which call a tool message answers. */
  readonly tool_call_id: string | null;
  /** Which tool a tool message comes from. */
  readonly name: string | null;
  /**
   * `parts`: the assistant's answer as the model gave it, where that is more than text and tool
   * calls; handed back so that signed reasoning survives. `provider`: who gave these parts. `is_paused`: the provider paused the answer, and goes on
   * when it gets it back. `is_error`: on the message of a failed tool. `files`: the images and other files whose labels are
   * in the text, bytes as base64. `sources`: where the provider says that the answer comes from. `summary`: on a message that
   * stands for earlier ones. `memory`: on one that says what is remembered. `evicted`: on a tool message whose text a conversation manager cut. `protected`: on one that
   * it must leave alone.
   */
  readonly metadata: Readonly<Record<string, unknown>>;
}
