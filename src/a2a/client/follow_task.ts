import { backoffMs } from "../../client/backoff.ts";
import { ClientError, mayPass } from "../../client/client_error.ts";
import { pause } from "../../client/within_time.ts";
import { isRecord } from "../../core/options.ts";
import { A2AError } from "../protocol/errors.ts";
import { foldTask } from "../protocol/fold.ts";
import { isTerminal, isWaiting, RESUME_EXTENSION } from "../protocol/states.ts";
import type { StreamResponse, Task } from "../protocol/types.ts";
import type { A2AClientConfig } from "./options.ts";
import type { Frame } from "./wire.ts";

/** How a task is followed. */
export interface FollowOptions {
  readonly retry: A2AClientConfig["retry"];
  readonly signal: AbortSignal | undefined;
  /** The task that is asked for; null if the answer says which one it is. */
  readonly taskId: string | null;
  /** Whether it is over when it is the client's turn. */
  readonly isTurn: boolean;
  /** Whether the server resumes streams by our extension. */
  readonly canResume: boolean;
  /** Follows a task again, after a frame if the server can. */
  readonly subscribe: (taskId: string, lastEventId: string | null) => AsyncIterable<Frame>;
  readonly get: (taskId: string) => Promise<Task>;
}

/**
 * The updates of a task, over all connections that it takes.
 *
 * With our extension every update comes once. Without it, or where the server has lost some, the whole task comes again
 * and takes the place of what was known: `foldTask()` does the right thing with either.
 */
export async function* followTask(
  first: AsyncIterable<Frame>,
  { retry, signal, taskId, isTurn, canResume, subscribe, get }: FollowOptions,
): AsyncGenerator<StreamResponse, void> {
  let task: Task | undefined;
  let lastEventId: string | null = null;
  let failures = 0;
  for (let frames = first;;) {
    let cause: unknown = null;
    let isFirst = task !== undefined;
    try {
      for await (const { id, update } of frames) {
        if ("message" in update && task === undefined) return yield update;
        const about = idsOf(update);
        if (about.taskId !== (task?.id ?? taskId ?? about.taskId)) {
          throw new A2AError("INVALID_AGENT_RESPONSE", "A frame is about another task");
        }
        // A server may begin with what comes after the task.
        if (task === undefined && !("task" in update)) {
          const status = { state: "TASK_STATE_SUBMITTED" } as const;
          yield { task: task = { id: about.taskId!, contextId: about.contextId ?? "", status } };
        }
        const isKnown = isFirst && lastEventId !== null && "task" in update &&
          !hasGap(update.task);
        // Who only ever sends its first frame makes no progress.
        if (!isFirst) failures = 0;
        isFirst = false;
        task = foldTask(task, update);
        lastEventId = canResume && id !== "" ? id : null;
        // The task as it was when the stream broke off.
        if (!isKnown) yield update;
        if (isTerminal(task.status.state)) return;
        if (isTurn && task.status.state === "TASK_STATE_INPUT_REQUIRED") return;
      }
      // A server may end a stream where it is somebody's turn; anything else is a cut.
      if (task !== undefined && isWaiting(task.status.state)) return;
      if (task === undefined) throw new ClientError("cut_off", "The stream ended before it began");
    } catch (error) {
      if (task === undefined || signal?.aborted) throw error;
      if (isOver(error)) return yield { task: await get(task.id) };
      if (!(error instanceof ClientError && mayPass(error))) throw error;
      cause = error;
    }
    const askedMs = cause instanceof ClientError ? cause.retryAfterMs : null;
    const waitMs = retry({
      cause,
      failures: ++failures,
      waitMs: backoffMs(failures, askedMs, Math.random()),
    });
    if (waitMs === null) {
      throw cause ??
        new ClientError("cut_off", "The stream ended before the task did");
    }
    await pause(waitMs, signal ?? NEVER);
    signal?.throwIfAborted();
    frames = subscribe(task.id, lastEventId);
  }
}

/** Which task an update is about. */
function idsOf(update: StreamResponse): { taskId?: string; contextId?: string } {
  if ("task" in update) return { taskId: update.task.id };
  return "statusUpdate" in update
    ? update.statusUpdate
    : "artifactUpdate" in update
    ? update.artifactUpdate
    : update.message;
}

const NEVER = new AbortController().signal;

function hasGap({ metadata }: Task): boolean {
  const said = metadata?.[RESUME_EXTENSION];
  return isRecord(said) && said.gap === true;
}

function isOver(error: unknown): boolean {
  return error instanceof A2AError && error.reason === "UNSUPPORTED_OPERATION";
}
