import { EventLog, type LogEntry } from "./event_log.ts";

export interface GlobalLogOptions {
  readonly maxQueueSize: number;
  readonly maxBytes: number;
}

/**
 * The log of all runs, kept while it has subscribers and a while longer. It shares the runs' entries. Its positions are
 * the bus's order: they go on from what the bus had taken when the log was made.
 */
export class GlobalLog extends EventLog {
  /** How many read it; the limit is for subscriptions only. */
  readonly readers = { subscriptions: 0, handlers: 0 };
  /** Whether a subscriber may come back with a position. */
  isResumable = false;
  readonly #maxBytes: number;

  constructor({ maxQueueSize, maxBytes }: GlobalLogOptions, epoch: string, order: number) {
    super("*", maxQueueSize);
    this.#maxBytes = maxBytes;
    this.epoch = epoch;
    this.head = order;
    this.tail = order + 1;
  }

  override append(entry: LogEntry): void {
    super.append(entry);
    while (this.bytes > this.#maxBytes && this.tail < this.head) this.evictOldest();
    this.offer(entry);
  }
}
