import type { LogEntry } from "../../core/log/event_log.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { entriesBySeq } from "./sparse_entries.ts";

/**
 * A run's log whose numbers the store gives, and which may have holes: a {@linkcode HoleEntry} is one entry, however
 * many numbers it stands for. So a loss in the middle costs neither what is before it nor the readers' patience: both
 * are bounded in entries.
 */
export class MirrorLog extends RunLog {
  override readonly isDense = false;
  #limit: number;
  #entries = entriesBySeq();

  constructor(runId: string, limit: number) {
    super(runId, limit);
    this.#limit = limit;
  }

  override append(entry: LogEntry): void {
    if (this.#entries.length >= this.#limit) this.dropOldest();
    this.#entries.push(entry);
    this.head = entry.seq;
    this.bytes += entry.bytes;
    this.announce();
  }

  override at(position: number): LogEntry {
    return this.#entries.after(position - 1, position - this.tail)!;
  }

  override before(count: number): number {
    const missing = count - this.#entries.length;
    return missing < 0 ? this.#entries.fromEnd(count)!.seq : this.tail - 1 - missing;
  }

  override setLimit(limit: number): void {
    this.#limit = limit;
    while (this.#entries.length > limit) this.dropOldest();
  }

  override dropOldest(): void {
    const oldest = this.#entries.shift()!;
    this.bytes -= oldest.bytes;
    this.tail = oldest.seq + 1;
    this.droppedOrder = oldest.order;
  }

  override clear(): void {
    this.droppedOrder = this.#entries.fromEnd(0)?.order ?? this.droppedOrder;
    this.#entries = entriesBySeq();
    // The slots hold nothing, so no order can be looked up in them.
    this.tail = this.head + 1;
    super.clear();
  }

  /** Goes on behind that number, without what was before: its order is up to `droppedOrder`. */
  startAt(position: number, droppedOrder: number): void {
    this.head = position;
    this.clear();
    this.droppedOrder = droppedOrder;
  }
}
