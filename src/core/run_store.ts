import type { LogEntry } from "./event_log.ts";
import type { Reader } from "./log_subscription.ts";
import { RunLog } from "./run_log.ts";

/** The bounds of a {@linkcode RunStore}, as those of the bus. */
export interface RunStoreOptions {
  readonly historyPerRun: number;
  readonly maxQueueSize: number;
  readonly maxRunsRetained: number;
  readonly maxBytes: number;
}

/**
 * The logs of all runs, within bounds: how many, and how many bytes. Over them, closed runs go first, then
 * idle ones, least recently published first; runs that are being read go last.
 */
export class RunStore {
  readonly #options: RunStoreOptions;
  readonly #logs: Map<string, RunLog> = new Map();
  #clock = 0;

  /** How many runs are held for what they had, not for who waits. */
  retained = 0;
  /** Estimated size of all payloads held. */
  bytes = 0;
  /** How many runs were forgotten to stay within the bounds. */
  evicted = 0;

  constructor(options: RunStoreOptions) {
    this.#options = options;
  }

  get(runId: string): RunLog | undefined {
    return this.#logs.get(runId);
  }

  values(): IterableIterator<RunLog> {
    return this.#logs.values();
  }

  /** The runs that are held for what they had, in no order. */
  retainedLogs(): RunLog[] {
    return Array.from(this.#logs.values()).filter((log) => log.isRetained);
  }

  /** The log of a run, a new one if there is none; the id must have been checked. */
  open(runId: string): RunLog {
    let log = this.#logs.get(runId);
    if (log === undefined) {
      log = new RunLog(runId, this.#options.historyPerRun);
      this.#logs.set(runId, log);
    }
    return log;
  }

  append(log: RunLog, entry: LogEntry): void {
    const before = log.bytes;
    log.append(entry);
    this.bytes += log.bytes - before;
    this.#retain(log);
    if (this.bytes > this.#options.maxBytes) this.#reclaim(log);
  }

  close(log: RunLog): void {
    if (log.ended !== null) return;
    log.end("closed");
    this.#retain(log);
  }

  /** Forgets the events of a run; one that is open and being read stays, the others go altogether. */
  drop(log: RunLog): void {
    if (log.ended === null && log.readers.size > 0) {
      this.bytes -= log.bytes;
      log.clear();
    } else this.#forget(log);
  }

  addReader(log: RunLog, reader: Reader): void {
    log.readers.add(reader);
    // While somebody reads, the log also holds what a live reader may lag behind.
    const { historyPerRun, maxQueueSize } = this.#options;
    if (log.readers.size === 1) log.setLimit(Math.max(historyPerRun, maxQueueSize));
  }

  removeReader(log: RunLog, reader: Reader): void {
    if (!log.readers.delete(reader) || log.readers.size > 0 || log.forgotten) return;
    const before = log.bytes;
    log.setLimit(this.#options.historyPerRun);
    this.bytes -= before - log.bytes;
    this.forgetIfUnused(log);
  }

  /** A run that was only waited for leaves no trace. */
  forgetIfUnused(log: RunLog): void {
    if (log.isRetained || log.readers.size > 0) return;
    this.#logs.delete(log.name);
    log.forgotten = true;
  }

  /** Marks a log as the most recent one, and makes room for it if it was not held before. */
  #retain(log: RunLog): void {
    log.recency = ++this.#clock;
    if (log.isRetained) return;
    if (++this.retained > this.#options.maxRunsRetained) {
      // Not marked yet, so it cannot be chosen itself.
      this.#evictFirst(() => true);
    }
    log.isRetained = true;
  }

  /**
   * Forgets the run that goes first of those that may; false if there is none. It is looked for only at a
   * bound, and then among all.
   */
  #evictFirst(may: (log: RunLog) => boolean): boolean {
    let first: RunLog | undefined;
    for (const log of this.retainedLogs()) {
      if (may(log) && (first === undefined || rank(log) < rank(first))) first = log;
    }
    if (first === undefined) return false;
    this.evicted++;
    this.#forget(first);
    return true;
  }

  #forget(log: RunLog): void {
    if (log.isRetained) this.retained--;
    this.#logs.delete(log.name);
    this.bytes -= log.bytes;
    log.forgotten = true;
    log.clear();
    log.end("evicted");
  }

  /** Frees memory: other runs that nobody reads, then the oldest events of the run at hand and of others. */
  #reclaim(current: RunLog): void {
    const isFull = () => this.bytes > this.#options.maxBytes;
    const isUnread = (log: RunLog) => log !== current && log.readers.size === 0;
    while (isFull() && this.#evictFirst(isUnread));
    for (const log of [current, ...this.retainedLogs().sort((a, b) => rank(a) - rank(b))]) {
      // Of the run at hand the newest stays: no event is larger than all that may be held.
      const kept = log === current ? 1 : 0;
      while (isFull() && log.tail + kept <= log.head) {
        const before = log.bytes;
        log.evictOldest();
        this.bytes -= before - log.bytes;
      }
    }
  }
}

/** Closed runs go before open ones, those that are being read last, and among equals the least recent first. */
function rank({ readers, ended, recency }: RunLog): number {
  return ((readers.size > 0 ? 2 : 0) + (ended === null ? 1 : 0)) * 2 ** 50 + recency;
}
