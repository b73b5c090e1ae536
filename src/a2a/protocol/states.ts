import type { TaskState } from "./types.ts";

const TERMINAL: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_STATE_COMPLETED",
  "TASK_STATE_FAILED",
  "TASK_STATE_CANCELED",
  "TASK_STATE_REJECTED",
]);

/** Whether a task in this state is over. */
export function isTerminal(state: TaskState): boolean {
  return TERMINAL.has(state);
}

/** Whether a task in this state goes on with a message. */
export function isWaiting(state: TaskState): boolean {
  return state === "TASK_STATE_INPUT_REQUIRED" || state === "TASK_STATE_AUTH_REQUIRED";
}

// Complete by construction.
const STATES: readonly string[] = Object.keys(
  {
    TASK_STATE_SUBMITTED: 0,
    TASK_STATE_WORKING: 0,
    TASK_STATE_INPUT_REQUIRED: 0,
    TASK_STATE_AUTH_REQUIRED: 0,
    TASK_STATE_COMPLETED: 0,
    TASK_STATE_FAILED: 0,
    TASK_STATE_CANCELED: 0,
    TASK_STATE_REJECTED: 0,
  } satisfies Record<TaskState, 0>,
);

/** Whether `value` names a state. */
export function isTaskState(value: unknown): value is TaskState {
  return typeof value === "string" && STATES.includes(value);
}

/**
 * Our extension: the frames of a stream have ids, and `SubscribeToTask` with `Last-Event-ID` begins with the task as it
 * was there, so that every update comes once.
 */
export const RESUME_EXTENSION = "https://locus.dev/a2a/ext/resume/v1";
