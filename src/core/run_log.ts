import { EventLog } from "./event_log.ts";
import type { Reader } from "./log_subscription.ts";

/** The log of one run, with what the bus has to know of it. */
export class RunLog extends EventLog {
  readonly readers: Set<Reader> = new Set();
  /** Whether the bus has forgotten this log; a run that goes on gets a new one. */
  forgotten = false;
  // Neighbours in the list of recency; kept by it.
  older: RunLog | null = null;
  newer: RunLog | null = null;
  listed: RecencyList | null = null;
}

/**
 * Runs in the order of their last event, as a linked list through the logs themselves: every publish
 * moves one, so moving must not depend on how many there are.
 */
export class RecencyList {
  #oldest: RunLog | null = null;
  #newest: RunLog | null = null;

  /** Adds or moves a log to the newest end. */
  touch(log: RunLog): void {
    if (this.#newest === log) return;
    log.listed?.remove(log);
    log.listed = this;
    log.older = this.#newest;
    if (this.#newest === null) this.#oldest = log;
    else this.#newest.newer = log;
    this.#newest = log;
  }

  remove(log: RunLog): void {
    if (log.listed !== this) return;
    if (log.older === null) this.#oldest = log.newer;
    else log.older.newer = log.newer;
    if (log.newer === null) this.#newest = log.older;
    else log.newer.older = log.older;
    log.older = log.newer = log.listed = null;
  }

  /** The logs, oldest first. The one at hand may be removed meanwhile. */
  *[Symbol.iterator](): IterableIterator<RunLog> {
    for (let log = this.#oldest; log !== null;) {
      const next: RunLog | null = log.newer;
      yield log;
      log = next;
    }
  }
}
