/** What a message must be that comes from outside: from a store, or as a part of a prompt. */

import { list, object, oneOf, record, text, textOrNull } from "../json_schema/shapes.ts";
import type { Message, ToolCall } from "./messages.ts";

/** The schema of a tool call. */
export const TOOL_CALL = object<ToolCall>({ id: text, name: text, arguments: record });

/** The schema of a message. */
export const MESSAGE = object<Message>({
  role: oneOf(["system", "user", "assistant", "tool"]),
  content: textOrNull,
  tool_calls: list(TOOL_CALL),
  tool_call_id: textOrNull,
  name: textOrNull,
  metadata: {
    type: "object",
    properties: { parts: list(object<{ type: string }>({ type: text })) },
  },
});
