import { EventLog, type LogEntry } from "../../core/log/event_log.ts";
import { HoleEntry, toEntry } from "./stored_entry.ts";
import type { Notice, Page, StoredEvent } from "./store.ts";

export interface FedRunsOptions {
  readonly maxEventBytes: number;
  readonly maxRuns: number;
  readonly onUnreadable: (runId: string, seq: number) => void;
}

/**
 * The runs, as readers of all of them are given them: every number that a notice names is an entry, as an event or as a
 * part of a hole.
 */
export class FedRuns {
  readonly #options: FedRunsOptions;
  // Each gives its entries their ids and holds none. The one that was heard of last is at the end.
  readonly #logs: Map<string, EventLog> = new Map();

  constructor(options: FedRunsOptions) {
    this.#options = options;
  }

  /**
   * What was told, in its order, as far as a page of the run still has it.
   *
   * @param order The epoch of the order of all runs.
   */
  *entriesOf(notice: Notice, page: Page | null, order: string): Generator<LogEntry> {
    const { runId, epoch, first, last, span } = notice;
    if (last < first) return;
    const found = page?.epoch.startsWith(epoch) ? page : null;
    const events = found?.events.filter(({ seq }) => seq >= first && seq <= last) ?? [];
    // What begins with what a notice says, both go on with the same: where the store was started.
    const rest = span!.epoch === "" ? "" : order.slice(span!.epoch.length);
    const { log, isOther } = this.#logOf(runId, found?.epoch ?? epoch + rest);
    // Before the first number that the notice gave away.
    if (isOther) {
      yield new HoleEntry(log, 1, 0, span!.from + 0.5, { reason: "new_epoch" });
    }
    let head = first - 1;
    for (const event of events) {
      if (event.seq > head + 1) yield new HoleEntry(log, head + 1, event.seq - 1, event.order - 1);
      yield this.#entryOf(log, event);
      head = event.seq;
    }
    // The store no longer has them.
    if (head < last) yield new HoleEntry(log, head + 1, last, span!.to);
  }

  #entryOf(log: EventLog, event: StoredEvent): LogEntry {
    const entry = toEntry(log, event, this.#options.maxEventBytes);
    if (entry !== null) return entry;
    this.#options.onUnreadable(log.name, event.seq);
    return new HoleEntry(log, event.seq, event.seq, event.order);
  }

  /** The log of an incarnation, and whether another one was heard of before. */
  #logOf(runId: string, epoch: string): { log: EventLog; isOther: boolean } {
    const known = this.#logs.get(runId);
    const isOther = known !== undefined && known.epoch !== epoch;
    const log = known === undefined || isOther ? new EventLog(runId, 1) : known;
    log.epoch = epoch;
    this.#logs.delete(runId);
    this.#logs.set(runId, log);
    if (this.#logs.size > this.#options.maxRuns) {
      this.#logs.delete(this.#logs.keys().next().value!);
    }
    return { log, isOther };
  }
}
