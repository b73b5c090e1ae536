import type { AgentRun } from "../../agent/agent_run.ts";
import type { AgentResult } from "../../agent/result.ts";
import { AgentError } from "../../agent/state/errors.ts";
import type { InterruptEvent } from "../../agent/state/events.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { Message, Part, TaskState } from "../protocol/types.ts";
import { Reply } from "./reply.ts";
import type { TaskLog } from "./task_log.ts";

/**
 * Writes what an agent does into the log of its task, up to its end or to a question.
 *
 * @param onFailure Told what the agent failed with; a client is told only of what kind that is.
 * @returns The question that it waits with; null if it is over.
 */
export async function driveAgent(
  log: TaskLog,
  start: () => AgentRun,
  onFailure: (error: unknown) => void,
): Promise<InterruptEvent | null> {
  const reply = new Reply(log);
  let question: InterruptEvent | null = null;
  let hasWorked = false;
  try {
    const events = start();
    for await (const event of events) {
      // It was canceled, or grew too large: leaving the loop stops the agent.
      if (log.isOver) return null;
      switch (event.event_type) {
        case "model_chunk":
          if (event.content !== null) reply.add(event.content);
          if (event.discarded) reply.discard();
          break;
        case "model_complete": {
          hasWorked = true;
          const isAside = event.tool_calls.length > 0;
          if (isAside || event.discarded) reply.discard();
          if (isAside && event.content) {
            say(log, "TASK_STATE_WORKING", event.content);
          }
          break;
        }
        case "interrupt":
          question = event;
      }
    }
    if (events.result === null) {
      throw new Error("The run ended without a result");
    }
    if (question !== null) return ask(log, question);
    conclude(log, reply, events.result);
  } catch (error) {
    onFailure(error);
    const kind = error instanceof AgentError ? error.kind : null;
    const isRefused = kind === "guardrail" && !hasWorked;
    say(
      log,
      isRefused ? "TASK_STATE_REJECTED" : "TASK_STATE_FAILED",
      kind === null ? "The agent failed" : `The agent failed: ${inWords(kind)}`,
    );
  }
  return null;
}

function conclude(log: TaskLog, reply: Reply, result: AgentResult): void {
  const { stop_reason, success, message, parsed } = result;
  if (stop_reason === "cancelled") return log.setState("TASK_STATE_CANCELED");
  if (success || message !== "") reply.end(message, parsed);
  if (success) return log.setState("TASK_STATE_COMPLETED");
  say(log, "TASK_STATE_FAILED", `The agent did not finish: ${inWords(stop_reason)}`);
}

function ask(log: TaskLog, question: InterruptEvent): InterruptEvent {
  const { interrupt_id, options, metadata } = question;
  const isAuth = metadata.kind === "auth";
  say(
    log,
    isAuth ? "TASK_STATE_AUTH_REQUIRED" : "TASK_STATE_INPUT_REQUIRED",
    question.question,
    [{ data: { interrupt_id, options, metadata }, mediaType: "application/json" }],
  );
  return question;
}

/** Notes a state, and what the agent says to it. */
export function say(
  log: TaskLog,
  state: TaskState,
  text: string,
  more: readonly Part[] = [],
): void {
  const { id: taskId, contextId } = log.place.task;
  const message: Message = {
    messageId: randomHex(32),
    role: "ROLE_AGENT",
    parts: [{ text }, ...more],
    taskId,
    contextId,
  };
  log.setState(state, message);
}

function inWords(name: string): string {
  return name.replaceAll("_", " ");
}
