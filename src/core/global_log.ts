import { EventLog, type LogEntry } from "./event_log.ts";

/** The log of all runs, kept only while somebody reads it. It shares the runs' entries. */
export class GlobalLog extends EventLog {
  /** How many read it; the limit is for subscriptions only. */
  readonly readers = { subscriptions: 0, handlers: 0 };
  readonly #maxBytes: number;

  constructor(limit: number, maxBytes: number) {
    super("*", limit);
    this.#maxBytes = maxBytes;
  }

  override append(entry: LogEntry): void {
    super.append(entry);
    while (this.bytes > this.#maxBytes && this.tail < this.head) this.evictOldest();
  }
}
