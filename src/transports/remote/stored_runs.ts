import type { HistoryOptions, RunInfo } from "../../core/bus/bus.ts";
import { newestEntries } from "../../core/log/newest_entries.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { readHistory } from "../../core/bus/selector.ts";
import { formatEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { KEPT_TYPES, type KeptName } from "./kept_events.ts";
import type { Store, StoredRun } from "./store.ts";
import { toEntry } from "./stored_entry.ts";

export interface StoredRunsOptions {
  readonly historyPerRun: number;
  readonly maxEventBytes: number;
}

/** The events that are selected, newest first. Without a run in the selector, all runs are read. */
export async function storedHistory(
  store: Store,
  { historyPerRun, maxEventBytes }: StoredRunsOptions,
  selector: unknown,
  options: HistoryOptions,
): Promise<StreamEvent[]> {
  const { run, matches, limit } = readHistory("Bus.history()", selector, options);
  const runIds = run === undefined ? (await store.runs()).map(({ runId }) => runId) : [run];
  const logs: RunLog[] = [];
  for (const runId of runIds) {
    const { page } = await store.read(runId, 0);
    if (page === null) continue;
    const log = logOf(runId, historyPerRun, page);
    for (const event of page.events) {
      const entry = toEntry(log, event, maxEventBytes);
      if (entry !== null) log.append(entry);
    }
    logs.push(log);
  }
  return newestEntries(logs, matches, limit).map(({ event }) => event);
}

/** The runs that the store holds. How one began or ended is left out where that is foreign. */
export async function storedRuns(store: Store, maxEventBytes: number): Promise<RunInfo[]> {
  return (await store.runs()).map((run) =>
    runInfoOf(run, (name) => {
      const stored = run[name];
      if (stored?.type !== KEPT_TYPES[name] || stored.seq > run.head) return undefined;
      return toEntry(logOf(run.runId, 1, run), stored, maxEventBytes)?.event;
    })
  );
}

function logOf(runId: string, limit: number, { epoch }: Pick<StoredRun, "epoch">): RunLog {
  const log = new RunLog(runId, limit);
  log.epoch = epoch;
  return log;
}

/** A run as a list says it. */
export function runInfoOf(
  { runId, epoch, head, closed }: Pick<StoredRun, "runId" | "epoch" | "head" | "closed">,
  kept: (name: KeptName) => StreamEvent | undefined,
): RunInfo {
  const info: RunInfo = { run_id: runId, closed, cursor: formatEventId(epoch, head) };
  const [started, completed] = [kept("started"), kept("completed")];
  if (started !== undefined) info.started = started as RunInfo["started"];
  if (completed !== undefined) info.completed = completed as RunInfo["completed"];
  return info;
}
