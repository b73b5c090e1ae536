import type { LogEntry } from "../../core/log/event_log.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { entriesBySeq } from "../remote/sparse_entries.ts";
import { HoleEntry } from "../remote/stored_entry.ts";
import { toEntry } from "./disk_entry.ts";
import { type EventRow, heldOf, type RunRow } from "./run_state.ts";

export interface Pages {
  readonly maxEventBytes: number;
  /** The rows of a run from a number on, in order. @throws {Error} If the file cannot be read. */
  read(run: number, from: number, limit: number): EventRow[];
  /** The number of the newest event that so many others come after. @throws {Error} Likewise. */
  before(run: number, count: number): number;
  /** The file could not be read: readers of the log have to come back. */
  failed(log: DiskLog, error: unknown): void;
}

/**
 * The log of a run whose events are in the file, as long as somebody reads it. The newest are held in memory as well; what
 * is older is read a page at a time, so that no reader loses anything by lagging, and a run may be of any length.
 */
export class DiskLog extends RunLog {
  override isPaged = true;
  override readonly isDense = false;
  readonly #pages: Pages;
  #row: number | null = null;
  // The newest entries; they cover everything from `#recentFrom` on.
  #recent = entriesBySeq();
  #recentFrom = 1;
  #recentBytes = 0;
  #page = entriesBySeq();
  #pageFrom = 1;
  #bytesPerEvent = 0;
  #held = 0;
  #hasHoles = false;

  constructor(runId: string, pages: Pages) {
    super(runId, 1);
    this.#pages = pages;
  }

  get bytesInMemory(): number {
    return this.#recentBytes;
  }

  /** Has what the file has: the run has changed there, or is read for the first time. */
  follow(row: RunRow): void {
    const isNews = row.head > this.head;
    this.adopt(row);
    if (isNews) {
      this.#forgetRecent(row.head + 1);
      this.head = row.head;
      this.announce();
    }
    if (row.closed === 1) this.end("closed");
  }

  /** The row of the run, whose events up to the log's head are known. */
  adopt(row: RunRow): void {
    const { id, epoch, tail, dropped, bytes, continued } = row;
    this.#row = id;
    this.epoch = epoch;
    this.droppedOrder = dropped;
    this.isContinued = continued === 1;
    this.tail = tail;
    this.#bytesPerEvent = bytes / Math.max(1, heldOf(row));
    this.#held = heldOf(row);
    this.#hasHoles = row.holes > 0;
  }

  override append(entry: LogEntry): void {
    if (this.#recent.length >= MAX_RECENT || this.#recentBytes > MAX_RECENT_BYTES) {
      this.forgetOlder(this.#recent.length >> 1);
    }
    this.#recent.push(entry);
    this.#recentBytes += entry.bytes;
    this.head = entry.seq;
    this.announce();
  }

  forgetOlder(kept: number): void {
    while (this.#recent.length > kept) {
      const { bytes, seq } = this.#recent.shift()!;
      this.#recentBytes -= bytes;
      this.#recentFrom = seq + 1;
    }
  }

  override at(position: number): LogEntry {
    if (position >= this.#recentFrom) {
      return this.#recent.after(position - 1, position - this.#recentFrom)!;
    }
    const last = this.#page.fromEnd(0)?.seq ?? 0;
    if (position < this.#pageFrom || position > last) {
      try {
        this.#turnTo(position);
      } catch (error) {
        return this.#breakAt(position, error);
      }
    }
    return this.#page.after(position - 1, position - this.#pageFrom)!;
  }

  override before(count: number): number {
    const missing = count - this.#held;
    if (missing >= 0) return this.tail - 1 - missing;
    if (!this.#hasHoles || this.#row === null) return this.head - count;
    try {
      return this.#pages.before(this.#row, count);
    } catch (error) {
      this.#breakAt(this.tail, error);
      return this.tail - 1;
    }
  }

  override setLimit(): void {
    // What is held in memory is bounded by itself.
  }

  override dropOldest(): void {
    this.forgetOlder(0);
  }

  override clear(): void {
    this.#forgetRecent(this.head + 1);
    this.tail = this.head + 1;
    this.evictedTo = this.clearedTo = this.head;
    this.progressed();
  }

  #forgetRecent(from: number): void {
    this.#recent = entriesBySeq();
    this.#recentFrom = from;
    this.#recentBytes = 0;
    this.#page = entriesBySeq();
  }

  #turnTo(position: number): void {
    const limit = Math.ceil(Math.min(MAX_PAGE, PAGE_BYTES / Math.max(1, this.#bytesPerEvent)));
    const rows = this.#row === null ? [] : this.#pages.read(this.#row, position, limit);
    const page = entriesBySeq();
    let last = position - 1;
    for (const row of rows) {
      if (row.seq >= this.#recentFrom) break;
      // A row that stands for lost events says so itself.
      const isHole = row.seq > last + 1 && row.type !== "";
      if (isHole) page.push(new HoleEntry(this, last + 1, row.seq - 1, 0));
      page.push(toEntry(this, row, this.#pages.maxEventBytes));
      last = row.seq;
    }
    const isLast = rows.length < limit || rows.at(-1)!.seq >= this.#recentFrom;
    const end = this.#recentFrom - 1;
    if (isLast && last < end) page.push(new HoleEntry(this, last + 1, end, 0));
    this.#page = page;
    this.#pageFrom = position;
  }

  /** Ends the log before that position, so that who comes back finds everything from there on. */
  #breakAt(position: number, error: unknown): LogEntry {
    this.head = position - 1;
    this.end("evicted");
    this.#pages.failed(this, error);
    return new HoleEntry(this, position, position - 1, 0);
  }
}

// What is held in memory of a run that is read: events, and bytes of their payloads.
const MAX_RECENT = 1_024;
const MAX_RECENT_BYTES = 1024 * 1024;
const MAX_PAGE = 256;
const PAGE_BYTES = 1024 * 1024;
