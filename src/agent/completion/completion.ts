/** What keeps a run on its way to a sound end: reminders, and checks before it may say "done". */

import { flag, object, readStored } from "../json_schema/shapes.ts";
import type { Feature, Verdict } from "../loop/feature.ts";
import { systemMessage } from "../state/messages.ts";
import type { ToolExecution } from "../state/state.ts";
import { succeeded } from "../tools/outcome.ts";
import { type Tool, tool } from "../tools/tool.ts";

export const TASK_COMPLETE = "task_complete";

export interface CompletionOptions {
  readonly completionMode: "auto" | "explicit";
  readonly maxIterations: number;
  readonly toolExecution: "concurrent" | "sequential";
  readonly verifyTools: ReadonlySet<string>;
  readonly verificationTools: ReadonlySet<string>;
  readonly requireVerification: boolean;
}

/** Reminds the model to check its work and, in explicit mode, lets it end only by a tool, and only after that. */
export function completion(options: CompletionOptions): Feature {
  const { completionMode, maxIterations, requireVerification, toolExecution } = options;
  const { verifyTools, verificationTools } = options;
  const isExplicit = completionMode === "explicit";
  /** Work was written that no tool has checked since. */
  let unverifiedWrite = false;
  return {
    name: "completion",

    turnStart(context) {
      const left = maxIterations - context.state.iteration;
      if (isExplicit && left === 2) context.append(systemMessage(WRAP_UP));
      if (isExplicit && left === 0) context.append(systemMessage(LAST_CHANCE));
    },

    responded(_, { tool_calls }) {
      if (isExplicit && tool_calls.length === 0) return NOT_FINAL;
    },

    acted(context, { executions }) {
      const hasWritten = executions.some((execution) =>
        verifyTools.has(execution.tool_name) && !execution.idempotent_cache_hit &&
        hasRun(execution)
      );
      if (hasWritten) context.append(systemMessage(VERIFY));
    },

    // Refuses `task_complete` while there is work that was not checked, also of an earlier call of the same turn.
    settle(_, { call }, earlier) {
      if (call.name !== TASK_COMPLETE || !isExplicit || !requireVerification) return null;
      // Calls of the same turn run beside each other, so a check among them proves nothing.
      const beside = toolExecution === "concurrent" &&
        earlier.some((other) => verifyTools.has(other.call.name));
      return unverifiedWrite || beside ? succeeded(BLOCKED, 0) : null;
    },

    toolCompleted(_, { call }, outcome) {
      if (outcome.cached || !hasRun(outcome)) return;
      if (verifyTools.has(call.name)) unverifiedWrite = true;
      if (verificationTools.has(call.name)) unverifiedWrite = false;
    },

    save: (): Stored => ({ unverified_write: unverifiedWrite }),

    load(data) {
      if (data === undefined) return;
      unverifiedWrite = readStored<Stored>(STORED, data).unverified_write;
    },
  };
}

interface Stored {
  readonly unverified_write: boolean;
}

const STORED = /* @__PURE__ */ object<Stored>({ unverified_write: flag });

const NOT_FINAL: Verdict = { kind: "not_final" };

function hasRun(call: Pick<ToolExecution, "error" | "cancelled">): boolean {
  return call.error === null && !call.cancelled;
}

const WRAP_UP = `Only two turns are left. Finish the most important work now, then call ` +
  `${TASK_COMPLETE} with a summary.`;

const LAST_CHANCE = `This is the last turn. Call ${TASK_COMPLETE} now with a summary of what is ` +
  `done and what is not.`;

const VERIFY = "You have changed something. Check that it is right, for example by running or " +
  "reading it, before you say that the task is done.";

const BLOCKED = "BLOCKED: something was written that has not been checked since. Check it with a " +
  `tool first, then call ${TASK_COMPLETE} again.`;

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

/** Asks for a plan, and keeps it in the metadata, where tools and hooks can read it. */
export function planning(): Feature {
  return {
    name: "planning",

    turnStart(context, iteration) {
      if (iteration === 0) context.append(systemMessage(PLAN));
    },

    responded(context, { content }) {
      const { iteration, metadata } = context.state;
      if (iteration === 1) {
        context.update({ metadata: Object.freeze({ ...metadata, plan: content }) });
      }
    },
  };
}

const PLAN = "Before you act, write a short numbered plan of the steps you will take. " +
  "Then carry it out, and change it when you learn something new.";
