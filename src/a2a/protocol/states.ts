import type { TaskState } from "./types.ts";

/** All states: which of them end a task, and which wait for the client. */
const STATES: Record<TaskState, "over" | "waiting" | null> = {
  TASK_STATE_SUBMITTED: null,
  TASK_STATE_WORKING: null,
  TASK_STATE_INPUT_REQUIRED: "waiting",
  TASK_STATE_AUTH_REQUIRED: "waiting",
  TASK_STATE_COMPLETED: "over",
  TASK_STATE_FAILED: "over",
  TASK_STATE_CANCELED: "over",
  TASK_STATE_REJECTED: "over",
};

/** Whether a task in this state is over. */
export function isTerminal(state: TaskState): boolean {
  return STATES[state] === "over";
}

/** Whether a task in this state goes on with a message. */
export function isWaiting(state: TaskState): boolean {
  return STATES[state] === "waiting";
}

/** Whether `value` names a state. */
export function isTaskState(value: unknown): value is TaskState {
  return typeof value === "string" && Object.hasOwn(STATES, value);
}

/**
 * Our extension: the frames of a stream have ids, and `SubscribeToTask` with `Last-Event-ID` begins with the task as it
 * was there, so that every update comes once.
 */
export const RESUME_EXTENSION = "https://locus.dev/a2a/ext/resume/v1";
