import type { BusGap } from "../events/catalogue/mod.ts";
import { type EventLog, type LogEntry, makeGap, type Parked } from "./event_log.ts";
import type { ReaderStart } from "./reader_start.ts";

/** What decides which events a reader gets. */
export interface PositionOptions {
  readonly start: ReaderStart;
  /** How many live events it may lag behind. */
  readonly maxLag: number;
  readonly matches: ((entry: LogEntry) => boolean) | undefined;
  /** Called with the number of events that were lost by lagging, when the reader is told. */
  readonly onDrop: (count: number) => void;
}

/**
 * A reader's place in an {@linkcode EventLog}: the cursor that moves over the entries and turns what is
 * gone into a gap. All that a subscription holds, and the hot part of delivery.
 */
export class LogPosition<T> implements Parked {
  parkIndex = -1;
  /** Set when nothing more is to be delivered. */
  stopped = false;

  /** What it reads. */
  log!: EventLog;

  readonly #maxLag: number;
  readonly #matches: ((entry: LogEntry) => boolean) | undefined;
  readonly #onDrop: (count: number) => void;
  #joinHead!: number;
  #joinTail!: number;
  #cursor!: number;
  #announce: BusGap["reason"] | undefined;
  #resume: (() => void) | null = null;

  constructor(log: EventLog, { start, maxLag, matches, onDrop }: PositionOptions) {
    this.#maxLag = maxLag;
    this.#matches = matches;
    this.#onDrop = onDrop;
    this.moveTo(log, start);
  }

  /** Reads on elsewhere: from where `start` says, in `log`. Whoever waits has to be woken. */
  moveTo(log: EventLog, { cursor, announce }: ReaderStart): void {
    this.log = log;
    this.#joinHead = log.head;
    this.#joinTail = log.tail;
    this.#cursor = cursor;
    this.#announce = announce;
  }

  /** The `event_id` to go on after: of the last event that was taken, or where it started. */
  get eventId(): string {
    // Whoever leaves before it was told what is missing, from the first event on, has to be told later.
    return this.log.idAt(this.#announce === undefined ? this.#cursor : 0);
  }

  /** How many events are pending. */
  get depth(): number {
    return this.log.head - Math.max(this.#cursor, this.#floor());
  }

  /** Whether everything was taken and nothing will come. */
  get atEnd(): boolean {
    return this.stopped || (this.log.ended !== null && this.#announce === undefined &&
      this.#cursor >= this.log.head);
  }

  /** The next event; undefined while there is none. */
  take(): T | undefined {
    if (this.stopped) return undefined;
    const log = this.log;
    const cursor = this.#cursor;
    // The usual case needs no more than this; it is necessary for a gap, not sufficient.
    if (
      log.head - cursor > this.#maxLag || cursor < log.tail - 1 || this.#announce !== undefined
    ) {
      const gap = this.#takeGap();
      if (gap !== undefined) return gap;
    }
    const matches = this.#matches;
    while (this.#cursor < log.head) {
      const entry = log.at(++this.#cursor);
      if (matches === undefined || matches(entry)) return entry.event as T;
    }
    log.progressed();
    return undefined;
  }

  /** All pending events, up to `max`; undefined while there are none. */
  takeAll(max: number): readonly T[] | undefined {
    let event = this.take();
    if (event === undefined) return undefined;
    const batch = [event];
    while (batch.length < max && (event = this.take()) !== undefined) batch.push(event);
    return batch;
  }

  /** Waits for the log to grow or end, then calls `resume`, once. */
  park(resume: () => void): void {
    this.#resume = resume;
    this.log.park(this);
  }

  /** Waits no more: whoever waited has given up. */
  unpark(): void {
    this.#resume = null;
    this.log.unpark(this);
  }

  /** Continues whoever waits: something happened to the log. */
  wake(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  /** Delivers nothing more, and continues whoever waits. */
  stop(): void {
    this.stopped = true;
    this.log.unpark(this);
    this.log.progressed();
    this.wake();
  }

  /** What this reader has to jump to at least: up to here, events are gone. */
  #floor(): number {
    const { head, tail } = this.log;
    const live = head - Math.max(this.#cursor, this.#joinHead);
    return live > this.#maxLag ? Math.max(tail - 1, head - this.#maxLag) : tail - 1;
  }

  #takeGap(): T | undefined {
    const log = this.log;
    const announce = this.#announce;
    const floor = this.#floor();
    if (announce === undefined && this.#cursor >= floor) return undefined;
    const from = announce === undefined ? this.#cursor + 1 : 1;
    this.#announce = undefined;
    this.#cursor = Math.max(this.#cursor, floor);
    const wasGone = from < this.#joinTail || from <= log.evictedTo;
    const reason = announce ?? (wasGone ? "evicted" : "lagged");
    const gap = makeGap(log, from, this.#cursor, reason);
    if (reason === "lagged") this.#onDrop(gap.data.count);
    return gap as T;
  }
}
