import { EventLog, type LogEntry } from "../../core/log/event_log.ts";
import { HoleEntry, type ReadingOptions, toEntryOrHole } from "./stored_entry.ts";
import type { Notice, Page } from "./store.ts";

export interface FedRunsOptions extends ReadingOptions {
  readonly maxRuns: number;
}

/** Makes entries of what was told, in its order, as far as a page of the run still has it; in the order of that epoch. */
export type FedRuns = (notice: Notice, page: Page | null, order: string) => Generator<LogEntry>;

/**
 * The runs, as readers of all of them are given them: every number that a notice names is an entry, as an event or as a
 * part of a hole.
 */
export function createFedRuns(options: FedRunsOptions): FedRuns {
  // Each gives its entries their ids and holds none. The one that was heard of last is at the end.
  const logs = new Map<string, EventLog>();
  return function* ({ runId, epoch, first, last, span }, page, order) {
    if (last < first) return;
    const found = page?.epoch.startsWith(epoch) ? page : null;
    const events = found?.events.filter(({ seq }) => seq >= first && seq <= last) ?? [];
    // What begins with what a notice says, both go on with the same: where the store was started.
    const rest = span!.epoch === "" ? "" : order.slice(span!.epoch.length);
    const { log, isOther } = logOf(runId, found?.epoch ?? epoch + rest);
    // Before the first number that the notice gave away.
    if (isOther) yield new HoleEntry(log, 1, 0, span!.from + 0.5, { reason: "new_epoch" });
    let head = first - 1;
    for (const event of events) {
      if (event.seq > head + 1) yield new HoleEntry(log, head + 1, event.seq - 1, event.order - 1);
      yield toEntryOrHole(log, event, options);
      head = event.seq;
    }
    // The store no longer has them.
    if (head < last) yield new HoleEntry(log, head + 1, last, span!.to);
  };

  /** The log of an incarnation, and whether another one was heard of before. */
  function logOf(runId: string, epoch: string): { log: EventLog; isOther: boolean } {
    const known = logs.get(runId);
    const isOther = known !== undefined && known.epoch !== epoch;
    const log = known === undefined || isOther ? new EventLog(runId, 1) : known;
    log.epoch = epoch;
    logs.delete(runId);
    logs.set(runId, log);
    if (logs.size > options.maxRuns) logs.delete(logs.keys().next().value!);
    return { log, isOther };
  }
}
