import type { LogEntry } from "../../core/log/event_log.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { createFedRuns, type FedRunsOptions } from "./fed_runs.ts";
import type { Loss, News, Notice, Page, Store } from "./store.ts";
import { HoleEntry } from "./stored_entry.ts";

export interface FeedEntriesOptions extends FedRunsOptions {
  readonly store: Store;
  /** Asks the store until it answers; undefined if the signal is aborted before. */
  readonly ask: <T>(attempt: () => Promise<T>, signal: AbortSignal) => Promise<T | undefined>;
  /** Called if what was read is of another order. */
  readonly onOther: () => void;
}

/** What is told of all runs: notices and losses, which together cover a part of the order. */
export type Happened = Pick<News, "notices" | "losses">;

/** As entries, what is told of; undefined if the store has to be asked again. */
export type FeedEntries = (
  epoch: string,
  happened: Happened,
  signal: AbortSignal,
) => Promise<LogEntry[] | undefined>;

/** Makes entries of the log of all runs out of what is told: what happened is read from the store. */
export function createFeedEntries(options: FeedEntriesOptions): FeedEntries {
  const { store, ask, onOther } = options;
  const entriesOf = createFedRuns(options);
  return async (epoch, { notices, losses }, signal) => {
    const pages = await read(epoch, notices, signal);
    if (pages === undefined) return undefined;
    const entries: LogEntry[] = [];
    let lost = 0;
    const loseTo = (place: number) => {
      for (let loss; (loss = losses[lost]) !== undefined && loss.from < place; lost++) {
        entries.push(gapOf(epoch, loss));
      }
    };
    for (const notice of notices) {
      loseTo(notice.span!.to);
      entries.push(...entriesOf(notice, pages.get(notice.runId) ?? null, epoch));
    }
    loseTo(Infinity);
    return entries;
  };

  /** What the store still has of the numbers that were told of: each run is read once. */
  async function read(
    epoch: string,
    notices: readonly Notice[],
    signal: AbortSignal,
  ): Promise<Map<string, Page | null> | undefined> {
    const afters = new Map<string, number>();
    for (const { runId, first, last } of notices) {
      if (last >= first) afters.set(runId, Math.min(afters.get(runId) ?? Infinity, first - 1));
    }
    const pages = new Map<string, Page | null>();
    let isOther = false;
    await Promise.all(Array.from(afters, async ([runId, after]) => {
      const reading = await ask(() => store.read(runId, after), signal);
      if (reading === undefined) return;
      const { page, place } = reading;
      pages.set(runId, page);
      // It is another one by now.
      if (place.epoch !== epoch && (page !== null || place.epoch !== "")) isOther = true;
    }));
    if (isOther && !signal.aborted) onOther();
    return isOther || signal.aborted ? undefined : pages;
  }
}

/** What a notice says of what is behind a place. */
export function restOf(notice: Notice, place: number): Notice {
  const { first, last, span } = notice;
  const { epoch, from, to } = span!;
  // Where each event has a number of the order, and nothing else has.
  const isOneEach = to - from === last - first + 1;
  if (place <= from || !isOneEach) return notice;
  return { ...notice, first: first + place - from, span: { epoch, from: place, to } };
}

/** A part of the order that is gone, of whatever runs. */
function gapOf(epoch: string, { from, to, count }: Loss): HoleEntry {
  const log = new RunLog("*", 1);
  log.epoch = epoch;
  return new HoleEntry(log, from + 1, to, to, { count });
}
