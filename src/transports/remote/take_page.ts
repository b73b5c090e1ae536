import type { RunStore } from "../../core/bus/run_store.ts";
import type { MirrorLog } from "./mirror_log.ts";
import type { Page, Place, Store } from "./store.ts";
import { HoleEntry, type ReadingOptions, toEntryOrHole } from "./stored_entry.ts";

export interface TakePageOptions extends ReadingOptions {
  readonly store: Pick<Store, "orderStep">;
  readonly runs: RunStore;
}

/** Adds what the log of a mirror does not have; `place` is where the order of all runs stood when it was read. */
export function takePage(
  log: MirrorLog,
  { head, closed, events }: Page,
  place: Place,
  options: TakePageOptions,
): void {
  const { runs, store } = options;
  for (const event of events) {
    const { seq, order } = event;
    if (seq <= log.head || seq > head) continue;
    // What is missing came after the event before, so before this one.
    if (seq > log.head + 1) skipTo(log, seq - 1, order - 1, runs);
    // A reader with a position from before the first batch may have missed an earlier incarnation of the run.
    else if (log.head === 0) log.droppedOrder = beginOf(order, store.orderStep);
    runs.append(log, toEntryOrHole(log, event, options));
  }
  if (head > log.head) skipTo(log, head, place.order, runs);
  if (closed) runs.close(log);
}

/** Where the order stood before the first event of a batch. */
function beginOf(order: number, step: number): number {
  return Math.floor((order - 1) / step) * step;
}

/** Events up to that number are gone. */
function skipTo(log: MirrorLog, position: number, order: number, runs: RunStore): void {
  if (log.head === 0) log.startAt(position, order);
  else runs.append(log, new HoleEntry(log, log.head + 1, position, order));
}
