import { createEpoch } from "./epoch.ts";
import type { LogEntry } from "./event_log.ts";
import type { Reader } from "./log_subscription.ts";
import { RecencyList, RunLog } from "./run_log.ts";

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
  // The runs that hold events or were closed. A run that is only waited for is in neither list.
  readonly #open: RecencyList = new RecencyList();
  readonly #closed: RecencyList = new RecencyList();

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

  /** A new, empty log; the id must have been checked. */
  create(runId: string): RunLog {
    const log = new RunLog(runId, createEpoch(), this.#options.historyPerRun);
    this.#logs.set(runId, log);
    return log;
  }

  append(log: RunLog, entry: LogEntry): void {
    const before = log.bytes;
    log.append(entry);
    this.bytes += log.bytes - before;
    this.#retain(log, this.#open);
    if (this.bytes > this.#options.maxBytes) this.#reclaim(log);
  }

  close(log: RunLog): void {
    if (log.ended !== null) return;
    log.end("closed");
    this.#retain(log, this.#closed);
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
    if (log.listed === null && log.readers.size === 0) this.#logs.delete(log.name);
  }

  /** Marks a log as the most recent of its list, and makes room for it if it is new there. */
  #retain(log: RunLog, list: RecencyList): void {
    if (log.listed === null && ++this.retained > this.#options.maxRunsRetained) {
      // Not listed yet, so it cannot be chosen itself.
      const victim = this.#chooseUnread() ?? this.#chooseRead();
      if (victim !== null) this.#evict(victim);
    }
    list.touch(log);
  }

  #chooseUnread(except?: RunLog): RunLog | null {
    for (const list of [this.#closed, this.#open]) {
      for (const log of list) {
        if (log.readers.size === 0 && log !== except) return log;
      }
    }
    return null;
  }

  #chooseRead(): RunLog | null {
    for (const list of [this.#closed, this.#open]) {
      for (const log of list) return log;
    }
    return null;
  }

  #evict(log: RunLog): void {
    this.evicted++;
    this.#forget(log);
  }

  #forget(log: RunLog): void {
    if (log.listed !== null) this.retained--;
    log.listed?.remove(log);
    this.#logs.delete(log.name);
    this.bytes -= log.bytes;
    log.forgotten = true;
    log.clear();
    log.end("evicted");
  }

  /** Frees memory: other runs that nobody reads, then the oldest events of the run at hand. */
  #reclaim(current: RunLog): void {
    const { maxBytes } = this.#options;
    while (this.bytes > maxBytes) {
      const victim = this.#chooseUnread(current);
      if (victim === null) break;
      this.#evict(victim);
    }
    for (const list of [[current], this.#closed, this.#open]) {
      for (const log of list) {
        while (this.bytes > maxBytes && log.tail < log.head) {
          const before = log.bytes;
          log.evictOldest();
          this.bytes -= before - log.bytes;
        }
      }
    }
  }
}
