import type { LogEntry } from "../../core/log/event_log.ts";
import { GlobalLog, type GlobalLogOptions } from "../../core/log/global_log.ts";
import { formatEventId } from "../../events/identifiers.ts";
import { SparseEntries } from "./sparse_entries.ts";
import type { Place } from "./store.ts";

/**
 * The log of all runs as the store has them: its positions are the orders that the store gave, so a position of another
 * process means the same here. It holds the same number of events as that of a bus in memory.
 */
export class OrderLog extends GlobalLog {
  override readonly isSparse = true;
  override readonly isDense = false;
  readonly #limit: number;
  readonly #maxBytes: number;
  readonly #step: number;
  #entries = new SparseEntries(({ order }) => order);

  /** @param step How many orders the store gives away with each event, or batch, at least. */
  constructor(options: GlobalLogOptions, step: number) {
    super(options, "", 0);
    this.#limit = options.maxQueueSize;
    this.#maxBytes = options.maxBytes;
    this.#step = step;
  }

  get place(): Place {
    return { epoch: this.epoch, order: this.head };
  }

  override append(entry: LogEntry): void {
    this.#entries.push(entry);
    this.bytes += entry.bytes;
    this.head = entry.order;
    while (this.#isFull()) this.#evictOldest();
    this.announce();
    this.offer(entry);
  }

  /** Nothing else is up to there. */
  advanceTo(order: number): void {
    if (order <= this.head) return;
    this.head = order;
    this.announce();
  }

  /** Begins at a place of another order, or again at one of the same. Its readers must be moved. */
  begin({ epoch, order }: Place): void {
    this.epoch = epoch;
    this.head = order;
    this.tail = order + 1;
    this.bytes = this.droppedOrder = this.evictedTo = 0;
    this.#entries = new SparseEntries(({ order }) => order);
    this.announce();
  }

  /** Adds what is older, behind `from`, as far as there is room. */
  prepend(from: number, entries: readonly LogEntry[]): void {
    let count = 0;
    let bytes = this.bytes;
    while (count < entries.length && this.#entries.length + count < this.#limit) {
      bytes += entries.at(-1 - count)!.bytes;
      if (bytes > this.#maxBytes) break;
      this.bytes = bytes;
      count++;
    }
    let newest = entries.at(-1 - count);
    // An event is not held without the notice of another incarnation before it: see `#evictOldest()`.
    if (newest !== undefined && !Number.isInteger(newest.order)) newest = entries.at(-count--);
    if (count > 0) this.#entries.prepend(entries.slice(-count));
    this.tail = Math.max(from, newest?.order ?? from) + 1;
  }

  override at(position: number): LogEntry {
    return this.#entries.after(position - 1)!;
  }

  override before(count: number): number {
    return this.#entries.fromEnd(count)?.order ?? this.tail - 1;
  }

  /** A lower bound, if the store counts batches. */
  override countOf(from: number, to: number): number {
    return Math.ceil((to - from + 1) / this.#step);
  }

  override idAt(position: number): string {
    return formatEventId(this.epoch, Math.floor(position));
  }

  #isFull(): boolean {
    return this.#entries.length > this.#limit ||
      (this.bytes > this.#maxBytes && this.#entries.length > 1);
  }

  #evictOldest(): void {
    const oldest = this.#entries.shift()!;
    if (this.#entries.length < this.#limit) this.evictedTo = oldest.order;
    this.bytes -= oldest.bytes;
    this.droppedOrder = oldest.order;
    this.tail = oldest.order + 1;
    // A notice of another incarnation has half a number: without the event behind it, no gap would say that it is gone.
    if (!Number.isInteger(oldest.order)) this.#evictOldest();
  }
}
