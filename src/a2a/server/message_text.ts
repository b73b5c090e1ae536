import { isRecord } from "../../core/options.ts";
import { textOfPart } from "../protocol/part_text.ts";
import type { Message } from "../protocol/types.ts";

/** A message as the agent gets it: texts as they are, files by name, data as JSON. */
export function textOf({ parts }: Message): string {
  return parts.map(textOfPart).join("\n");
}

/** What a message answers: the question that it names, or null, and the answer. */
export function answerIn(message: Message): { interruptId: string | null; value: unknown } {
  for (const { data } of message.parts) {
    if (!isRecord(data) || typeof data.interrupt_id !== "string") continue;
    if (data.response !== undefined) {
      return { interruptId: data.interrupt_id, value: data.response };
    }
    const rest = message.parts.filter((part) => part.data !== data);
    return { interruptId: data.interrupt_id, value: textOf({ ...message, parts: rest }) };
  }
  return { interruptId: null, value: textOf(message) };
}
