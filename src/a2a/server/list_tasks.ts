import { hash } from "../../core/hash.ts";
import { invalid } from "../protocol/errors.ts";
import { isTaskState } from "../protocol/states.ts";
import type { ListTasksResponse } from "../protocol/types.ts";
import { type Params, readCount } from "./params.ts";
import type { ServedTask } from "./served_task.ts";

/**
 * A page of the tasks of a client, the one whose status is the newest first.
 *
 * A page goes on behind a status time and, where that is the same, a task. A task that changes meanwhile moves to the front,
 * so none comes twice.
 */
export function listTasks(
  tasks: readonly ServedTask[],
  params: Params,
): ListTasksResponse {
  const { contextId, statusTimestampAfter } = params;
  const status = params.status === "TASK_STATE_UNSPECIFIED" ? undefined : params.status;
  const pageSize = readCount(params, "pageSize", 1, 100) ?? 50;
  const historyLength = readCount(params, "historyLength");
  const includeArtifacts = params.includeArtifacts === true ||
    params.includeArtifacts === "true";
  if (status !== undefined && !isTaskState(status)) {
    throw invalid("status", "must be a state");
  }
  const since = Date.parse(`${statusTimestampAfter}`);
  if (statusTimestampAfter !== undefined && Number.isNaN(since)) {
    throw invalid("statusTimestampAfter", "must be a time");
  }
  const found = tasks.filter(({ contextId: own, log }) =>
    (contextId === undefined || own === contextId) &&
    (status === undefined || log.state === status) &&
    !(timeOf(log.place.task.status.timestamp) < since)
  ).map((task) => ({ task, at: task.log.place.task.status.timestamp ?? "" }))
    .sort((a, b) => compare(b.at, a.at) || compare(b.task.id, a.task.id));
  const filter = hash(
    JSON.stringify([contextId, status, statusTimestampAfter]),
  );
  const after = readToken(params.pageToken, filter);
  const rest = after === null
    ? found
    : found.filter(({ task, at }) => at < after.at || (at === after.at && task.id < after.id));
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    tasks: page.map(({ task }) => task.view({ historyLength, includeArtifacts })),
    nextPageToken: last !== undefined && rest.length > pageSize
      ? btoa(JSON.stringify([filter, last.at, last.task.id]))
      : "",
    pageSize,
    totalSize: found.length,
  };
}

/** The place that a page goes on behind; null for the first. The token holds nothing that its owner may not know. */
function readToken(
  token: unknown,
  filter: string,
): { at: string; id: string } | null {
  if (token === undefined || token === "") return null;
  try {
    const [of, at, id]: unknown[] = JSON.parse(atob(`${token}`));
    if (of === filter && typeof at === "string" && typeof id === "string") {
      return { at, id };
    }
  } catch { /* refused below */ }
  throw invalid("pageToken", "is not of a page of this list");
}

function timeOf(timestamp: string | undefined): number {
  return Date.parse(timestamp ?? "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
