import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Recovery, SubscriptionEnd } from "../bus/bus.ts";
import { type EventLog, type LogEntry, makeGap, type Parked } from "./event_log.ts";
import type { ReaderStart } from "./reader_start.ts";

export interface Reader {
  readonly position: LogPosition<unknown>;
  /** How many events are not done with. */
  readonly depth: number;
}

/** A reader of one of several runs that are read as one. */
export interface Reading extends Reader {
  readonly runId: string;
  readonly log: EventLog;
  readonly ended: SubscriptionEnd | null;
}

export interface Place {
  readonly log: EventLog;
  readonly start: ReaderStart;
}

export interface PositionOptions {
  readonly maxLag: number;
  readonly matches: ((entry: LogEntry) => boolean) | undefined;
  /** Called with the number of events that were lost by lagging, when the reader is told. */
  readonly onDrop: (count: number) => void;
}

/**
 * A reader's place in an {@linkcode EventLog}: the cursor that moves over the entries and turns what is
 * gone into a gap. All that a subscription holds, and the hot part of delivery.
 */
export class LogPosition<T> implements Parked, Reader {
  parkIndex = -1;
  /** Set when nothing more is to be delivered. */
  stopped = false;

  log!: EventLog;
  started: Recovery;

  readonly #maxLag: number;
  readonly #matches: ((entry: LogEntry) => boolean) | undefined;
  readonly #onDrop: (count: number) => void;
  #joinHead!: number;
  #joinTail!: number;
  #cursor!: number;
  #announce: BusGap["reason"] | undefined;
  // Where the last gap ended.
  #gapEnd!: number;
  // The event that follows the last gap, and its place. It is kept for this reader alone: otherwise a publisher
  // that is fast enough would leave it nothing but gaps.
  #next: LogEntry | undefined;
  #nextAt = 0;
  #after: string | undefined;
  #resume: (() => void) | null = null;
  // Whether there is nothing to take but entries of a dense log.
  #isSettled = false;
  #caughtUp: Promise<void> | null = null;
  #tellCaughtUp: (() => void) | null = null;

  constructor({ log, start }: Place, { maxLag, matches, onDrop }: PositionOptions) {
    this.started = start.recovery;
    this.#maxLag = maxLag;
    this.#matches = matches;
    this.#onDrop = onDrop;
    this.moveTo(log, start);
  }

  /** Continues in `log`, from `start`. The caller must wake a waiting read. */
  moveTo(log: EventLog, { cursor, announce, after }: ReaderStart): void {
    this.log = log;
    this.#joinHead = log.head;
    this.#joinTail = log.tail;
    this.#cursor = cursor;
    this.#announce = announce;
    this.#gapEnd = -Infinity;
    this.#next = undefined;
    this.#after = after;
    this.#checkCaughtUp();
    this.#settle();
  }

  get recovery(): Recovery {
    return this.started;
  }

  /** It may be a reader by itself. */
  get position(): this {
    return this;
  }

  /** Whether it has to be told first that everything before is missing. */
  get isUntold(): boolean {
    return this.#announce !== undefined;
  }

  /** Whether what it read has begun anew meanwhile, and it has to be told. */
  get isRestarted(): boolean {
    return this.isUntold && this.#after !== undefined;
  }

  /** The `event_id` to go on after: of the last event that was taken, or where it started. */
  get cursor(): string {
    // A reader that leaves before it got its first gap must get the gap when it resumes.
    if (this.isUntold) return this.#after ?? this.log.idAt(0);
    return this.log.idAt(this.#cursor);
  }

  get depth(): number {
    return this.log.head - Math.max(this.#cursor, this.#floor());
  }

  get atEnd(): boolean {
    return this.stopped || (this.log.ended !== null && this.#announce === undefined &&
      this.#cursor >= this.log.head);
  }

  /**
   * Resolves when all that was there at the beginning has been taken, or was announced as missing, or nothing more will
   * be taken.
   */
  get caughtUp(): Promise<void> {
    return this.#caughtUp ??= new Promise((resolve) => {
      this.#tellCaughtUp = resolve;
      this.#checkCaughtUp();
      this.#settle();
    });
  }

  /** The next event; undefined while there is none. */
  take(): T | undefined {
    const taken = this.#take();
    this.#checkCaughtUp();
    this.#settle();
    return taken;
  }

  /** The next entry; undefined where more than that has to be looked at, or there is none: {@linkcode take} knows. */
  takeEntry(): LogEntry | undefined {
    if (!this.#isSimple()) return undefined;
    const { log } = this;
    const matches = this.#matches;
    while (this.#cursor < log.head) {
      const entry = log.at(++this.#cursor);
      if (matches === undefined || matches(entry)) return entry;
    }
    return undefined;
  }

  /** Up to `max` pending events at once; undefined where one at a time must be looked at, or there is none. */
  takeDense(max: number): T[] | undefined {
    if (this.#matches !== undefined || !this.#isSimple()) return undefined;
    const { log } = this;
    const cursor = this.#cursor;
    const events = log.eventsAfter(cursor, Math.min(max, log.head - cursor)) as T[];
    this.#cursor += events.length;
    if (this.#cursor === log.head) log.progressed();
    return events;
  }

  /** Whether something is pending, and it is nothing but entries, with nobody to tell. */
  #isSimple(): boolean {
    const { log } = this;
    const cursor = this.#cursor;
    return this.#isSettled && log.head > cursor && log.head - cursor <= this.#maxLag &&
      cursor >= log.tail - 1;
  }

  #settle(): void {
    this.#isSettled = this.log.isDense && this.#announce === undefined &&
      this.#next === undefined && this.#tellCaughtUp === null && !this.stopped;
  }

  #checkCaughtUp(): void {
    if (this.#tellCaughtUp === null) return;
    const isBehind = this.log.isFilling || this.#announce !== undefined ||
      this.#cursor < this.#joinHead;
    if (isBehind && !this.stopped) return;
    this.#tellCaughtUp();
    this.#tellCaughtUp = null;
  }

  #take(): T | undefined {
    if (this.stopped) return undefined;
    const log = this.log;
    const cursor = this.#cursor;
    // The usual case needs no more than this; it is necessary for a gap, not sufficient.
    if (
      log.head - cursor > this.#maxLag || cursor < log.tail - 1 || this.#announce !== undefined ||
      this.#next !== undefined
    ) {
      const first = this.#takeNext() ?? this.#takeGap();
      if (first !== undefined) return first;
    }
    const matches = this.#matches;
    while (this.#cursor < log.head) {
      const entry = log.at(++this.#cursor);
      if (log.isSparse) this.#cursor = entry?.order ?? log.head;
      if (entry === undefined) break;
      if (entry.isHole) return this.#takeHole(entry);
      if (matches === undefined || matches(entry)) return entry.event as T;
    }
    log.progressed();
    return undefined;
  }

  /** Moves over what is not selected. The order of what comes next: −1 is a gap, `Infinity` nothing. */
  seek(): number {
    if (this.stopped) return Infinity;
    const { log } = this;
    if (this.#next !== undefined && this.#nextAt > log.clearedTo) return this.#next.order;
    if (this.isUntold || this.#cursor < this.#floor()) return -1;
    for (; this.#cursor < log.head; this.#cursor++) {
      const entry = log.at(this.#cursor + 1);
      if (entry.isHole || this.#matches?.(entry) !== false) return entry.order;
    }
    return Infinity;
  }

  /** Waits for the log to grow or end, then calls `resume`, once. */
  park(resume: () => void): void {
    this.#resume = resume;
    this.log.park(this);
  }

  unpark(): void {
    this.#resume = null;
    this.log.unpark(this);
  }

  /** Wakes the waiting caller: the log has changed. */
  wake(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  /** Delivers nothing more, and wakes the waiting caller. */
  stop(): void {
    this.stopped = true;
    this.#next = undefined;
    this.#checkCaughtUp();
    this.#settle();
    this.log.unpark(this);
    this.log.progressed();
    this.wake();
  }

  /** What this reader has to jump to at least: up to here, events are gone. */
  #floor(): number {
    const { log } = this;
    if (log.isPaged) return log.tail - 1;
    const overtaken = log.before(this.#maxLag);
    const isOvertaken = overtaken > Math.max(this.#cursor, this.#joinHead);
    return isOvertaken ? Math.max(log.tail - 1, overtaken) : log.tail - 1;
  }

  /** Events that the log itself has not got. A hole of its own is as wide as its numbers, one of a run is one entry. */
  #takeHole(hole: LogEntry): T {
    if (hole.log !== this.log) return hole.event as T;
    const from = this.#cursor;
    this.#cursor = hole.seq;
    return makeGap(this.log, from, hole.seq, "evicted") as T;
  }

  #takeGap(): T | undefined {
    const log = this.log;
    const announce = this.#announce;
    const floor = this.#floor();
    if (announce === undefined && this.#cursor >= floor) return undefined;
    let from = announce === undefined ? Math.floor(this.#cursor) + 1 : 1;
    this.#announce = undefined;
    this.#gapEnd = this.#cursor = this.#landing(floor);
    // Nobody knows how many there were before a sparse log.
    if (announce !== undefined && log.isSparse) from = this.#cursor + 1;
    const reason = announce ??
      (from < this.#joinTail || from <= log.evictedTo ? "evicted" : "lagged");
    const gap = makeGap(log, from, this.#cursor, reason);
    if (reason === "lagged") this.#onDrop(gap.data.count);
    this.#keepNext();
    return gap as T;
  }

  /**
   * Where a gap ends. The first time, nothing is skipped that could still be had. A reader that is overtaken
   * again before it has read as much as is pending is about as slow as the publisher is fast: it goes on in the
   * middle, so that it is not overtaken by the very next event.
   */
  #landing(floor: number): number {
    if (this.#cursor >= floor) return this.#cursor;
    const pending = this.log.head - floor;
    return this.#cursor - this.#gapEnd < pending ? floor + Math.floor(pending / 2) : floor;
  }

  #keepNext(): void {
    const { log } = this;
    for (let at = this.#cursor; at < log.head;) {
      const entry = log.at(++at);
      if (log.isSparse) at = entry?.order ?? log.head;
      if (entry === undefined) return;
      if (this.#matches?.(entry) === false) continue;
      // A hole in the log is a gap of its own.
      if (entry.eventType === "bus.gap") return;
      this.#next = entry;
      this.#nextAt = at;
      return;
    }
  }

  #takeNext(): T | undefined {
    const next = this.#next;
    this.#next = undefined;
    // What was forgotten with everything else stays forgotten.
    if (next === undefined || this.#nextAt <= this.log.clearedTo) return undefined;
    this.#cursor = this.#nextAt;
    return next.event as T;
  }
}
