/** The tools that an agent in explicit mode has of its own. */

import { type Tool, tool } from "../tools/tool.ts";

/** The name of the tool by which a model says that its task is done. */
export const TASK_COMPLETE = "task_complete";

/** Says that the task is done; the summary is the answer. */
export function taskCompleteTool(): Tool {
  return tool<{ summary: string; status: string }>({
    name: TASK_COMPLETE,
    description: "Call this when the task is done, and only then. It ends the work.",
    parameters: {
      type: "object",
      properties: {
        summary: { type: "string", description: "What was done, and the result." },
        status: { type: "string", default: "success", description: "How it went." },
      },
      required: ["summary"],
    },
    execute: ({ summary, status }) => status === "success" ? summary : `${status}: ${summary}`,
  });
}

/** Asks the person that the agent works for. */
export function askUserTool(): Tool {
  return tool<{ question: string; options?: string }>({
    name: "ask_user",
    description: "Ask the user a question, and wait for the answer.",
    parameters: {
      type: "object",
      properties: {
        question: { type: "string" },
        options: { type: "string", description: "Answers to choose from, separated by commas." },
      },
      required: ["question"],
    },
    execute: ({ question, options }, { interrupt }) => {
      const choices = options?.split(",").map((choice) => choice.trim()).filter(Boolean);
      return interrupt({ question, options: choices?.length ? choices : undefined });
    },
  });
}
