import type { HistoryOptions, RunInfo } from "../../core/bus/bus.ts";
import { newestEntries } from "../../core/log/newest_entries.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { readHistory } from "../../core/bus/selector.ts";
import { formatEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { KEPT_TYPES, type KeptName } from "./kept_events.ts";
import type { Page, Store, StoredRun } from "./store.ts";
import { toEntry } from "./stored_entry.ts";

export interface StoredRunsOptions {
  readonly historyPerRun: number;
  readonly maxEventBytes: number;
}

/** What the store holds, read once. */
export class StoredRuns {
  readonly #store: Store;
  readonly #options: StoredRunsOptions;

  constructor(store: Store, options: StoredRunsOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** The events that are selected, newest first. Without a run in the selector, all runs are read. */
  async history(selector: unknown, options: HistoryOptions): Promise<StreamEvent[]> {
    const { run, matches, limit } = readHistory("Bus.history()", selector, options);
    const runIds = run === undefined ? (await this.#store.runs()).map(({ runId }) => runId) : [run];
    const logs: RunLog[] = [];
    for (const runId of runIds) {
      const { page } = await this.#store.read(runId, 0);
      if (page !== null) logs.push(this.#logOf(runId, page));
    }
    return newestEntries(logs, matches, limit).map(({ event }) => event);
  }

  async runs(): Promise<RunInfo[]> {
    const runs = await this.#store.runs();
    return runs.map((run) => runInfoOf(run, (name) => this.#kept(run, name)));
  }

  /** How a run began or ended, as an event; undefined if there is none, or it is foreign. */
  #kept(run: StoredRun, name: KeptName): StreamEvent | undefined {
    const stored = run[name];
    if (stored?.type !== KEPT_TYPES[name] || stored.seq > run.head) return undefined;
    const log = new RunLog(run.runId, 1);
    log.epoch = run.epoch;
    return toEntry(log, stored, this.#options.maxEventBytes)?.event;
  }

  #logOf(runId: string, page: Page): RunLog {
    const log = new RunLog(runId, this.#options.historyPerRun);
    log.epoch = page.epoch;
    for (const event of page.events) {
      const entry = toEntry(log, event, this.#options.maxEventBytes);
      if (entry !== null) log.append(entry);
    }
    return log;
  }
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
