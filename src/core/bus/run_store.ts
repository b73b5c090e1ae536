import type { LogEntry } from "../log/event_log.ts";
import { ForgottenRuns } from "./forgotten_runs.ts";
import type { Reader } from "../log/log_position.ts";
import { RecencyList } from "../log/recency_list.ts";
import { RunLog } from "../log/run_log.ts";

export interface RunStoreOptions {
  readonly historyPerRun: number;
  readonly maxQueueSize: number;
  readonly maxRunsRetained: number;
  readonly maxBytes: number;
}

/**
 * The logs of all runs, within bounds: how many, and how many bytes. Over them, closed runs go first, then
 * idle ones, least recently used first; runs that are being read go last. Nothing here looks at every run.
 */
export class RunStore {
  readonly #options: RunStoreOptions;
  readonly #logs: Map<string, RunLog> = new Map();
  // In the order in which they go, each with what was not used for longest first: closed, open; and of those that
  // are being read the ones that hold nothing, closed, open.
  readonly #lists: readonly RecencyList<RunLog>[] = [0, 1, 2, 3, 4].map(() => new RecencyList());

  /** What is known of runs that were evicted; null where the runs are kept elsewhere. */
  forgotten: ForgottenRuns | null = new ForgottenRuns();
  createLog: (runId: string, limit: number) => RunLog = (runId, limit) => new RunLog(runId, limit);
  /** How many runs are kept for their events, not only for waiting readers. */
  retained = 0;
  bytes = 0;
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

  /** The runs that are kept for their events, in no particular order. */
  retainedLogs(): RunLog[] {
    return Array.from(this.#logs.values()).filter(({ list }) => list !== null);
  }

  /**
   * The log of a run, a new one if there is none; the id must have been checked. A run that was closed before it
   * was forgotten is closed still.
   */
  open(runId: string): RunLog {
    let log = this.#logs.get(runId);
    if (log === undefined) {
      log = this.createLog(runId, this.#options.historyPerRun);
      if (this.forgotten !== null) {
        const { wasClosed = null, order = this.forgotten.lostOrder } = this.forgotten.get(runId) ??
          {};
        log.isContinued = wasClosed !== null;
        if (wasClosed) log.ended = "closed";
        log.droppedOrder = order;
      }
      this.#logs.set(runId, log);
    }
    return log;
  }

  append(log: RunLog, entry: LogEntry): void {
    // Most often it is the newest of its list; one that held nothing belongs to another now.
    const isPlaced = log.list?.newest === log && log.tail <= log.head;
    this.bytes -= log.bytes;
    log.append(entry);
    this.bytes += log.bytes;
    if (!isPlaced) this.retain(log);
    if (this.bytes > this.#options.maxBytes) this.#reclaim(log);
    if (!log.isFilling) log.offer(entry);
  }

  close(log: RunLog): void {
    if (log.ended !== null) return this.forgetIfUnused(log);
    log.end("closed");
    this.retain(log);
  }

  /** Forgets the events of a run; one that is open and being read stays, the others go altogether. */
  drop(log: RunLog): void {
    if (log.ended === null && log.readers.size > 0) {
      this.bytes -= log.bytes;
      log.clear();
      if (log.list !== null) this.#use(log);
    } else {
      this.#forget(log, null);
    }
  }

  addReader(log: RunLog, reader: Reader): void {
    log.readers.add(reader);
    if (log.readers.size > 1) return;
    // While the run has a reader, the log also keeps the events that a live reader may lag behind.
    const { historyPerRun, maxQueueSize } = this.#options;
    log.setLimit(Math.max(historyPerRun, maxQueueSize));
    if (log.list !== null) this.#use(log);
  }

  removeReader(log: RunLog, reader: Reader): void {
    if (!log.readers.delete(reader) || log.readers.size > 0 || log.forgotten) return;
    this.bytes -= log.bytes;
    log.setLimit(this.#options.historyPerRun);
    this.bytes += log.bytes;
    if (log.list !== null) this.#use(log);
    this.forgetIfUnused(log);
  }

  /** A run that was only waited for leaves no trace. */
  forgetIfUnused(log: RunLog): void {
    if (log.list !== null || log.readers.size > 0) return;
    this.#logs.delete(log.name);
    log.forgotten = true;
  }

  /** Counts a log as one that is held, and makes room for it if it was not before. */
  retain(log: RunLog): void {
    if (log.list === null) {
      this.forgotten?.delete(log.name);
      // Not in a list yet, so it cannot be chosen itself.
      if (++this.retained > this.#options.maxRunsRetained) this.#evict(this.#firstToGo(0, 5)!);
    }
    this.#use(log);
  }

  #use(log: RunLog): void {
    const isOpen = log.ended === null ? 1 : 0;
    const isHeld = log.tail <= log.head;
    this.#lists[log.readers.size === 0 ? isOpen : isHeld ? 3 + isOpen : 2]!.add(log);
  }

  /** The run that goes first, of those in some of the lists. */
  #firstToGo(from: number, to: number, except?: RunLog): RunLog | null {
    for (const { oldest } of this.#lists.slice(from, to)) {
      const first = oldest === except ? oldest?.newer : oldest;
      if (first) return first;
    }
    return null;
  }

  #evict(log: RunLog): void {
    this.evicted++;
    this.#forget(log, log.ended !== null);
  }

  #forget(log: RunLog, wasClosed: boolean | null): void {
    if (log.list !== null) {
      this.retained--;
      log.list.remove(log);
    }
    this.#logs.delete(log.name);
    this.bytes -= log.bytes;
    log.forgotten = true;
    log.clear();
    log.end("evicted");
    this.forgotten?.add(log.name, { wasClosed, order: log.droppedOrder });
  }

  /** Frees memory: first evicts other runs without readers, then the oldest events of this run and of others. */
  #reclaim(current: RunLog): void {
    const isFull = () => this.bytes > this.#options.maxBytes;
    let other: RunLog | null;
    while (isFull() && (other = this.#firstToGo(0, 2, current)) !== null) this.#evict(other);
    // Of the run at hand the newest stays: no event is larger than all that may be held.
    while (isFull() && current.tail < current.head) this.#evictOldest(current);
    while (isFull() && (other = this.#firstToGo(3, 5, current)) !== null) this.#evictOldest(other);
  }

  #evictOldest(log: RunLog): void {
    this.bytes -= log.bytes;
    if (log.tail <= log.head) log.evictOldest();
    this.bytes += log.bytes;
    if (log.tail > log.head) this.#use(log);
  }
}
