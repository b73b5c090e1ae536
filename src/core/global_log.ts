import { createEpoch } from "./epoch.ts";
import { EventLog, type LogEntry } from "./event_log.ts";

/** The log of all runs, kept only while somebody reads it. It shares the runs' entries. */
export class GlobalLog extends EventLog {
  /** How many subscriptions read it: what the limit is for. */
  subscribers = 0;
  /** How many handlers read it. */
  handlers = 0;
  readonly #maxBytes: number;

  constructor(limit: number, maxBytes: number) {
    super("*", createEpoch(), limit);
    this.#maxBytes = maxBytes;
  }

  get isUnused(): boolean {
    return this.subscribers + this.handlers === 0;
  }

  override append(entry: LogEntry): void {
    super.append(entry);
    while (this.bytes > this.#maxBytes && this.tail < this.head) this.evictOldest();
  }
}
