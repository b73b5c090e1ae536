import { EventLog, LogEntry } from "../../core/log/event_log.ts";
import type { GlobalLog } from "../../core/log/global_log.ts";
import type { RunLog } from "../../core/log/run_log.ts";
import type { Sources } from "../../core/bus/sources.ts";
import { parseEventId } from "../../events/identifiers.ts";
import { HoleEntry } from "../remote/stored_entry.ts";
import { toEntry } from "./disk_entry.ts";
import { DiskLog } from "./disk_log.ts";
import type { PlacedRow, RunFile } from "./run_file.ts";
import type { RunRow, RunState } from "./run_state.ts";
import type { Meta } from "./run_table.ts";
import type { LostWork, NewEvent } from "./work.ts";

export interface ReadingsOptions {
  readonly sources: Sources;
  readonly maxEventBytes: number;
  readonly maxQueueSize: number;
  readonly maxBytes: number;
  readonly onFailure: (error: unknown) => void;
  /** Whether the bus is closed: then nothing is read. */
  readonly isClosed: () => boolean;
}

/**
 * What is read of the file here: the logs of single runs, and the log of all. Whatever is stored, by this process or by
 * another one, is told to them once, in its order.
 */
export class Readings {
  readonly #file: RunFile;
  readonly #options: ReadingsOptions;
  readonly #sources: Sources;
  // Bytes that logs were given since their sum was looked at.
  #unseenBytes = 0;

  constructor(file: RunFile, options: ReadingsOptions) {
    this.#file = file;
    this.#options = options;
    const sources = this.#sources = options.sources;
    sources.epoch = file.meta.epoch;
    sources.order = file.meta.orders;
    sources.fill = (log, after) => this.#fill(log, after);
    // What is forgotten here is in the file.
    sources.runs.forgotten = null;
    sources.runs.createLog = (runId) => this.#createLog(runId);
  }

  get isRead(): boolean {
    return this.#sources.global !== null ||
      !this.#sources.runs.values().next().done;
  }

  isReading(runId: string): boolean {
    return (this.#sources.runs.get(runId)?.readers.size ?? 0) > 0;
  }

  /** The epoch under which readers wait for a run that has not begun. */
  epochOf(runId: string): string | undefined {
    const log = this.#sources.runs.get(runId);
    return log?.head === 0 ? log.epoch : undefined;
  }

  tell(state: RunState, events: readonly NewEvent[]): void {
    const { log, name } = this.#logsOf(state);
    for (const { seq, type, order, time, captured: { data, bytes } } of events) {
      if (log !== null || this.#sources.global !== null) {
        this.#append(log, new LogEntry(log ?? name(), seq, type, order, time, data, bytes));
      } else this.#sources.order = order;
      this.#unseenBytes += bytes;
    }
    if (this.#unseenBytes > this.#options.maxBytes / 4) this.#makeRoom();
  }

  /** … were lost, … */
  tellLost(state: RunState, { seq, count, order }: LostWork): void {
    const { log, name } = this.#logsOf(state);
    this.#append(log, new HoleEntry(log ?? name(), seq - count + 1, seq, order));
  }

  /** … or dropped: the readers go on, or come to their end. */
  tellDropped(state: RunState): void {
    this.#logsOf(state).log?.clear();
  }

  tellClosed(state: RunState): void {
    this.#logsOf(state).log?.end("closed");
  }

  /** A run is gone. Whoever comes back begins anew. */
  tellGone({ run_id: runId, epoch }: Pick<RunRow, "run_id" | "epoch">): void {
    const log = this.#sources.runs.get(runId);
    if (log?.epoch === epoch) this.#forget(log);
  }

  /** Has all logs follow what others have stored. */
  follow(before: Meta, now: Meta): void {
    const { runs, global } = this.#sources;
    if (now.epoch !== before.epoch) this.#sources.endGlobal("evicted");
    if (this.isRead) {
      for (const gone of this.#file.goneSince(before.changes)) {
        this.tellGone(gone);
      }
      for (const row of this.#file.changedSince(before.changes)) {
        const log = runs.get(row.run_id) as DiskLog | undefined;
        if (log === undefined) continue;
        // Of a run that is waited for, there may have been one that is gone.
        const hadAnother = log.head > 0
          ? log.epoch !== row.epoch
          : row.tail === 1 && row.dropped > log.droppedOrder;
        if (hadAnother) this.#forget(log);
        else this.#followRow(log, row);
      }
    }
    if (global !== null) this.#feed(global, now.orders);
    this.#sources.epoch = now.epoch;
    this.#sources.order = now.orders;
  }

  /** There is another file: who reads has to come back, and is told. */
  restart(): void {
    this.end("evicted");
    this.#sources.epoch = this.#file.meta.epoch;
    this.#sources.order = this.#file.meta.orders;
  }

  end(how: "closed" | "evicted"): void {
    this.#sources.endGlobal(how);
    for (const log of [...this.#sources.runs.values()]) this.#forget(log);
  }

  get bytes(): number {
    let sum = 0;
    for (const log of this.#sources.runs.values()) {
      sum += (log as DiskLog).bytesInMemory;
    }
    return sum;
  }

  #createLog(runId: string): DiskLog {
    const { maxEventBytes, onFailure, isClosed } = this.#options;
    const log = new DiskLog(runId, {
      maxEventBytes,
      read: (run, from, limit) => this.#file.page(run, from, limit),
      before: (run, count) => this.#file.numberBefore(run, count),
      failed: (broken, error) => {
        onFailure(error);
        this.#forget(broken);
      },
    });
    if (isClosed()) {
      log.end("rejected");
      return log;
    }
    try {
      const { writer, meta } = this.#file;
      const row = writer.find(runId);
      if (row !== undefined) log.follow(row);
      else {
        const gone = writer.gone(runId);
        log.droppedOrder = gone?.last ?? meta.lost;
        log.isContinued = typeof gone?.closed === "number";
        if (gone?.closed === 1) log.end("closed");
      }
    } catch (error) {
      onFailure(error);
      log.end("evicted");
    }
    return log;
  }

  #forget(log: RunLog): void {
    log.end("evicted");
    this.#sources.runs.drop(log);
  }

  #followRow(log: DiskLog, row: RunRow): void {
    const { head } = log;
    log.follow(row);
    if (!log.waiters?.size) return;
    for (let position = head + 1; position <= row.head; position++) {
      const entry = log.at(position);
      log.offer(entry);
      position = Math.max(position, entry.seq);
    }
  }

  /** The log of a run, if it is read, as it is after a change; and what stands for it where it is not. */
  #logsOf(state: RunState): { log: DiskLog | null; name: () => EventLog } {
    const log = this.#sources.runs.get(state.run_id) as DiskLog | undefined;
    const isOther = log !== undefined && log.head > 0 &&
      log.epoch !== state.epoch;
    if (isOther) this.#forget(log);
    const read = log === undefined || isOther ? null : log;
    read?.adopt(state);
    let name: EventLog | undefined;
    return { log: read, name: () => name ??= nameOf(state) };
  }

  #append(log: DiskLog | null, entry: LogEntry): void {
    // One that was begun meanwhile has it from the file.
    if (log !== null && entry.seq > log.head) {
      log.append(entry);
      log.offer(entry);
    }
    this.#sources.order = entry.order;
    this.#sources.global?.append(entry);
  }

  /** Of the logs that hold the most, keeps in memory what came last. The rest is read when it is taken. */
  #makeRoom(): void {
    this.#unseenBytes = 0;
    if (this.bytes <= this.#options.maxBytes) return;
    for (const log of this.#sources.runs.values()) {
      (log as DiskLog).forgetOlder(1);
    }
  }

  /** Fills the log of all runs from a position on, as far as one may lag behind. */
  #fill(log: GlobalLog, after: string): void {
    const place = parseEventId(after);
    const { epoch, order } = this.#sources;
    if (place?.epoch !== epoch || place.seq >= order) return;
    log.head = Math.max(place.seq, order - this.#options.maxQueueSize);
    log.tail = log.head + 1;
    try {
      this.#feed(log, order);
    } catch (error) {
      this.#options.onFailure(error);
      log.clear();
      log.head = order;
      log.tail = order + 1;
    }
  }

  /** Gives the log of all runs what the file has up to an order. Every order has one entry. */
  #feed(global: GlobalLog, upTo: number): void {
    const { maxQueueSize, maxEventBytes } = this.#options;
    if (upTo - global.head > maxQueueSize) {
      global.clear();
      global.head = upTo - maxQueueSize;
      global.tail = global.head + 1;
    }
    const fillUp = (order: number) => {
      while (global.head < order) {
        const next = global.head + 1;
        global.append(new HoleEntry(global, next, next, next));
      }
    };
    const names = new Map<string, EventLog>();
    for (const row of this.#file.behind(global.head, upTo - global.head)) {
      if (row.id > upTo) break;
      const key = `${row.epoch} ${row.run_id}`;
      const name = names.get(key) ?? nameOf(row);
      names.set(key, name);
      fillUp(row.id - 1);
      global.append(toEntry(name, row, maxEventBytes));
    }
    fillUp(upTo);
  }
}

/** A log that only says whose an entry is. */
export function nameOf({ run_id: runId, epoch }: Pick<PlacedRow, "run_id" | "epoch">): EventLog {
  const log = new EventLog(runId, 1);
  log.epoch = epoch;
  return log;
}
