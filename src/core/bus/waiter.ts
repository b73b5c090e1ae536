import type { SubscriptionEnd } from "./bus.ts";
import type { EventLog, EventWaiter, LogEntry } from "../log/event_log.ts";
import { LogReader } from "./log_reader.ts";
import type { ReaderStart } from "../log/reader_start.ts";
import type { Source } from "./sources.ts";

export interface WaiterOptions {
  readonly matches: ((entry: LogEntry) => boolean) | undefined;
  readonly onMatch: (entry: LogEntry) => void;
  /** The log came to its end first. */
  readonly onEnd: () => void;
}

/**
 * Waits for one event of a log. It is offered each when it is appended, because by the time it could read them a
 * burst may have overtaken it. Of its place it uses only that it follows the log, also into another one.
 */
export class Waiter extends LogReader<never> implements EventWaiter {
  readonly #options: WaiterOptions;

  constructor(source: Source, options: WaiterOptions) {
    super(source, { ...options, maxLag: Infinity, onDrop() {}, signal: undefined });
    this.#options = options;
  }

  /** Nothing is pending for one that takes what it is offered. */
  override get depth(): number {
    return 0;
  }

  override moveTo(log: EventLog, start: ReaderStart): void {
    this.log?.waiters?.delete(this);
    super.moveTo(log, start);
    (log.waiters ??= new Set()).add(this);
  }

  offer(entry: LogEntry): void {
    const { matches, onMatch } = this.#options;
    // A gap in the log is not an event to wait for.
    if (entry.eventType !== "bus.gap" && matches?.(entry) !== false) onMatch(entry);
  }

  /** Waits on, unless the log is over. */
  readonly watchEnd = (): void => {
    if (this.stopped) return;
    if (this.log.ended === null) this.park(this.watchEnd);
    else this.#options.onEnd();
  };

  override release(how: SubscriptionEnd): void {
    const { log } = this;
    log.waiters?.delete(this);
    if (log.waiters?.size === 0) log.waiters = null;
    super.release(how);
  }
}
