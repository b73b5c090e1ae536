import { hash } from "../../core/hash.ts";
import { invalid } from "../protocol/errors.ts";
import type { ListTasksResponse, TaskState } from "../protocol/types.ts";
import type { ServedTask } from "./served_task.ts";

/** Which tasks are asked for. */
export interface ListRequest {
  readonly contextId?: string;
  readonly status?: TaskState;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly historyLength?: number;
  readonly statusTimestampAfter?: string;
  readonly includeArtifacts?: boolean;
}

/**
 * A page of the tasks of a client, the one whose status is the newest first.
 *
 * A page goes on behind a status time and, where that is the same, a task. A task that changes meanwhile moves to the front,
 * so none comes twice.
 */
export function listTasks(
  tasks: readonly ServedTask[],
  { contextId, status, statusTimestampAfter, pageToken, ...view }: ListRequest,
): ListTasksResponse {
  const { pageSize = 50, historyLength, includeArtifacts = false } = view;
  if (pageSize < 1 || pageSize > 100) throw invalid("pageSize", "must be from 1 to 100");
  const since = Date.parse(statusTimestampAfter ?? "");
  const found = tasks.filter(({ contextId: own, log }) =>
    (contextId === undefined || own === contextId) &&
    (status === undefined || log.state === status) &&
    !(timeOf(log.place.task.status.timestamp) < since)
  ).map((task) => ({ task, at: task.log.place.task.status.timestamp ?? "" }))
    .sort((a, b) => compare(b.at, a.at) || compare(b.task.id, a.task.id));
  const filter = hash(JSON.stringify([contextId, status, statusTimestampAfter]));
  const after = readToken(pageToken, filter);
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
function readToken(token: string | undefined, filter: string): { at: string; id: string } | null {
  if (token === undefined) return null;
  try {
    const [of, at, id]: unknown[] = JSON.parse(atob(token));
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
