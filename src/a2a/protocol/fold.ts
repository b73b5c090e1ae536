import type { Artifact, StreamResponse, Task } from "./types.ts";

/**
 * A task after an update: what a server answers and what a client shows are folds of the same updates, so they cannot
 * disagree.
 *
 * @param task Undefined before the first update, which is a task.
 * @throws {TypeError} If the first update is not a task.
 *
 * @example Follow a task
 * ```ts
 * import { foldTask, type StreamResponse, type Task } from "@locus/core/a2a";
 * import { assertEquals } from "@std/assert";
 *
 * const ids = { taskId: "t1", contextId: "c1" };
 * const updates: StreamResponse[] = [
 *   { task: { id: "t1", contextId: "c1", status: { state: "TASK_STATE_WORKING" } } },
 *   { artifactUpdate: { ...ids, artifact: { artifactId: "reply", parts: [{ text: "Hel" }] } } },
 *   {
 *     artifactUpdate: {
 *       ...ids,
 *       artifact: { artifactId: "reply", parts: [{ text: "lo" }] },
 *       append: true,
 *     },
 *   },
 * ];
 * let task: Task | undefined;
 * for (const update of updates) task = foldTask(task, update);
 * assertEquals(task?.artifacts?.[0]?.parts.map(({ text }) => text), ["Hel", "lo"]);
 * ```
 */
export function foldTask(task: Task | undefined, update: StreamResponse): Task {
  if ("task" in update) return update.task;
  if (task === undefined) {
    throw new TypeError("foldTask(): the first update must be a task");
  }
  if ("message" in update) {
    return { ...task, history: [...task.history ?? [], update.message] };
  }
  if ("statusUpdate" in update) {
    const { status } = update.statusUpdate;
    if (status.message === undefined) return { ...task, status };
    return { ...task, status, history: [...task.history ?? [], status.message] };
  }
  const { artifact, append = false } = update.artifactUpdate;
  return { ...task, artifacts: foldArtifact(task.artifacts ?? [], artifact, append) };
}

function foldArtifact(
  artifacts: readonly Artifact[],
  artifact: Artifact,
  append: boolean,
): Artifact[] {
  const known = artifacts.find(({ artifactId }) => artifactId === artifact.artifactId);
  if (known === undefined) return [...artifacts, artifact];
  const parts = append ? [...known.parts, ...artifact.parts] : artifact.parts;
  const folded = append ? { ...known, parts } : artifact;
  return artifacts.map((one) => one === known ? folded : one);
}

/** How much of a task an answer shows. */
export interface TaskView {
  /** The newest of its messages; undefined for all of them. */
  readonly historyLength?: number;
  /** Whether its artifacts are shown. @default {true} */
  readonly includeArtifacts?: boolean;
}

/** A task as it is answered: without lists that are empty or not asked for. */
export function viewTask(task: Task, view: TaskView = {}): Task {
  const { history = [], artifacts = [], ...rest } = task;
  const { historyLength = Infinity, includeArtifacts = true } = view;
  const newest = historyLength === 0 ? [] : history.slice(-historyLength);
  return {
    ...rest,
    ...(includeArtifacts && artifacts.length > 0 && { artifacts }),
    ...(newest.length > 0 && { history: newest }),
  };
}
