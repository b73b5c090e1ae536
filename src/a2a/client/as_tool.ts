import { type Tool, tool } from "../../agent/tools/tool.ts";
import { isRecord } from "../../core/options.ts";
import { textOfPart } from "../protocol/part_text.ts";
import { isWaiting } from "../protocol/states.ts";
import type { Part, SendMessageResponse, Task } from "../protocol/types.ts";

/** Options of `A2AClient.asTool()`. */
export interface A2AToolOptions {
  /** What the model calls it. */
  name: string;
  /** What the model is told of it. */
  description: string;
}

/** Sends a message to the remote agent. */
type Send = (
  content: string | readonly Part[],
  options: { taskId?: string; signal?: AbortSignal },
) => Promise<SendMessageResponse>;

/** A remote agent as a tool. */
export function toTool(send: Send, { name, description }: A2AToolOptions): Tool {
  // A tool that asks runs again from its start, and gets the answers so far once more. So what a call has sent already
  // is kept, by the call, until it is over.
  const calls = new Map<string, (Task | string)[]>();
  return tool<{ task: string }>({
    name,
    description,
    parameters: {
      type: "object",
      properties: { task: { type: "string", description: "What the agent shall do" } },
      required: ["task"],
    },
    async execute({ task: text }, { runId, toolCallId, interrupt, signal }) {
      const key = `${runId}/${toolCallId}`;
      const steps = calls.get(key) ??
        [read(await send(text, { signal }))];
      for (let i = 0;; i++) {
        const task = steps[i]!;
        if (typeof task === "string" || !isWaiting(task.status.state)) {
          calls.delete(key);
          return resultOf(task);
        }
        calls.set(key, steps);
        if (calls.size > MAX_WAITING) calls.delete(calls.keys().next().value!);
        const { question, options, interruptId } = questionOf(task);
        const asked = options === null ? { question } : { question, options };
        const response: unknown = interrupt<unknown>(asked, { remote_task_id: task.id });
        if (steps[i + 1] !== undefined) continue;
        const parts: Part[] = interruptId === null
          ? [{ text: typeof response === "string" ? response : JSON.stringify(response) }]
          : [{ data: { interrupt_id: interruptId, response } }];
        steps.push(read(await send(parts, { taskId: task.id, signal })));
      }
    },
  });
}

function read(answer: SendMessageResponse): Task | string {
  return "task" in answer ? answer.task : textOf(answer.message.parts);
}

/** @throws {Error} If the task did not come to a result. */
function resultOf(task: Task | string): string {
  if (typeof task === "string") return task;
  const { state, message } = task.status;
  if (state === "TASK_STATE_COMPLETED") {
    return textOf((task.artifacts ?? []).flatMap(({ parts }) => parts));
  }
  const why = textOf(message?.parts ?? []);
  throw new Error(`The remote task is ${state.slice(11)}${why && `: ${why}`}`);
}

const MAX_WAITING = 1000;

function questionOf({ status }: Task): {
  question: string;
  options: readonly string[] | null;
  interruptId: string | null;
} {
  const parts = status.message?.parts ?? [];
  const question = parts.find(({ text }) => text !== undefined)?.text ??
    "The agent asks";
  const data = parts.map((part) => part.data).find(isRecord) ?? {};
  const { interrupt_id: id, options } = data;
  return {
    question,
    options: Array.isArray(options) && options.every((one) => typeof one === "string")
      ? options
      : null,
    interruptId: typeof id === "string" ? id : null,
  };
}

function textOf(parts: readonly Part[]): string {
  return parts.map(textOfPart).join("");
}
