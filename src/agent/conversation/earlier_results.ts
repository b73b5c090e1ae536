/** Results that a conversation manager has cut are still in the run: the model can read them again. */

import type { Message } from "../state/messages.ts";
import type { AgentState } from "../state/state.ts";
import { clip } from "../state/texts.ts";
import { contentFor } from "../tools/outcome.ts";
import { type Tool, tool } from "../tools/tool.ts";

/** The name of the tool by which a model reads them. */
export const READ_EARLIER = "read_earlier_result";

/** By what the whole text of a tool message can be read again; null if the run does not have it. */
export function referenceOf({ tool_executions }: AgentState, message: Message): string | null {
  // Providers use ids again: what counts is that it is the same text.
  const number = tool_executions.findLastIndex((execution) =>
    execution.tool_call_id === message.tool_call_id && contentFor(execution) === message.content
  );
  return number < 0 ? null : `${READ_EARLIER}({"number":${number}})`;
}

/** Reads a result of the conversation again. */
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
