import { formatEventId } from "../../events/identifiers.ts";
import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Envelope, StreamEvent } from "../../events/stream_event.ts";
import { NextChange } from "./next_change.ts";
import { randomHex } from "../random_hex.ts";
import type { SubscriptionEnd } from "./subscription_end.ts";
import { toTimestamp } from "../timestamp.ts";

/**
 * One published event as the log holds it. The event itself is made for the first subscriber that takes it, so the
 * publisher does not pay for its id and timestamp, and they are made only once.
 */
export class LogEntry {
  readonly log: EventLog;
  readonly seq: number;
  readonly eventType: string;
  /** Place in the order of everything that the bus has taken. */
  readonly order: number;
  readonly bytes: number;
  readonly #time: number;
  readonly #data: object;
  #event: StreamEvent | undefined;
  #result: IteratorYieldResult<StreamEvent> | undefined;
  #answer: Promise<IteratorYieldResult<StreamEvent>> | undefined;

  constructor(
    log: EventLog,
    seq: number,
    eventType: string,
    order: number,
    time: number,
    data: object,
    bytes: number,
  ) {
    this.log = log;
    this.seq = seq;
    this.eventType = eventType;
    this.order = order;
    this.bytes = bytes;
    this.#time = time;
    this.#data = data;
  }

  /** Whether it stands for events that are gone, and is given to every reader as a gap. */
  get isHole(): boolean {
    return false;
  }

  get event(): StreamEvent {
    return this.#event ??= makeEvent(this.log, this.seq, this.eventType, this.#time, this.#data);
  }

  /** The answer to `next()` for all who iterate. */
  get answer(): Promise<IteratorYieldResult<StreamEvent>> {
    return this.#answer ??= Promise.resolve(this.result);
  }

  get result(): IteratorYieldResult<StreamEvent> {
    return this.#result ??= Object.freeze({ value: this.event, done: false });
  }
}

export interface Parked {
  /** Its index among the waiting subscribers; −1 while it does not wait. Kept by the log. */
  parkIndex: number;
  wake(): void;
}

/** Waits for one event of the log, such as `waitFor()`. */
export interface EventWaiter {
  offer(entry: LogEntry): void;
}

/**
 * An append-only sequence of events with a bounded memory: the history, the queue and the replay at
 * once. It keeps the last entries in a ring; readers hold nothing but a position, from 1, of the last
 * event they took, and find out by comparing it with {@linkcode tail} what they missed.
 */
export class EventLog {
  readonly name: string;
  /** Random id of this incarnation: a position is only meaningful together with it. */
  // 48 bits: enough that no two incarnations of one run are the same.
  epoch: string = randomHex(12);
  /** Position of the newest event; 0 while there was none. */
  head = 0;
  /** Position of the oldest event that is still held; `head + 1` while none is. */
  tail = 1;
  /** The highest position that was dropped at a limit of memory or on request, not by age. */
  evictedTo = 0;
  /** The highest position that went with all the others. */
  clearedTo = 0;
  /** Order of the newest dropped entry, even of an earlier log of the run; 0 if none was dropped. */
  droppedOrder = 0;
  bytes = 0;
  /** How the log ended, or null while events may come. */
  ended: Exclude<SubscriptionEnd, "cancelled"> | null = null;

  /** Whether a reader may lag as far as it likes: what is not in memory is read from elsewhere. */
  isPaged = false;

  /** Set while earlier events are filled in, for which no subscriber waits. */
  isFilling = false;

  /** Whether the positions are the entries' orders, with others between them at which there is nothing. */
  readonly isSparse: boolean = false;

  /** Whether there is an event at each position that is held. */
  readonly isDense: boolean = true;

  /** What gets each event when it is published; null while there is none. */
  waiters: Set<EventWaiter> | null = null;

  /** What handlers wait for. */
  readonly change: NextChange = new NextChange();

  #limit: number;
  // The entry of position p is at p & (length - 1): the length is a power of two.
  #slots: (LogEntry | undefined)[] = new Array(INITIAL_SLOTS);
  // What was read last by `eventsAfter()`, and from where: many subscribers stand at the same place.
  #events: readonly StreamEvent[] = NO_EVENTS;
  #eventsAfter = 0;
  #parked: Parked[] = [];
  // The other of two arrays, so that waking allocates none.
  #spare: Parked[] = [];
  #isWakeDue = false;
  /** Whether it wakes those that wait: then nothing else goes on. */
  isWaking = false;
  readonly #progressListeners: Set<() => void> = new Set();

  constructor(name: string, limit: number) {
    this.name = name;
    this.#limit = limit;
  }

  /** Stores an entry as the newest, and forgets the oldest where there is no room. */
  append(entry: LogEntry): void {
    const held = this.head - this.tail + 1;
    if (held >= this.#limit) this.dropOldest();
    else if (held === this.#slots.length) this.#grow();
    this.#slots[++this.head & (this.#slots.length - 1)] = entry;
    this.bytes += entry.bytes;
    this.announce();
  }

  /** Offers an entry to those that wait, once it is in its place. A waiter that takes it may leave. */
  offer(entry: LogEntry): void {
    if (this.waiters !== null) { for (const waiter of this.waiters) waiter.offer(entry); }
  }

  /** The entry at a position from {@linkcode tail} to {@linkcode head}; in a sparse log, the first from there on, if any. */
  at(position: number): LogEntry {
    return this.#slots[position & (this.#slots.length - 1)]!;
  }

  /** So many events after a position, of a log that is dense and holds them: in an array of the caller's own. */
  eventsAfter(position: number, count: number): StreamEvent[] {
    if (position !== this.#eventsAfter || count !== this.#events.length) {
      const events: StreamEvent[] = [];
      for (let i = 1; i <= count; i++) events.push(this.at(position + i).event);
      this.#events = events;
      this.#eventsAfter = position;
    }
    // Not one frozen array for all: engines read those two to three times slower.
    return this.#events.slice();
  }

  /** The position behind which there are so many entries. */
  before(count: number): number {
    return this.head - count;
  }

  /** How many events there are from one position to another. */
  countOf(from: number, to: number): number {
    return to - from + 1;
  }

  idAt(position: number): string {
    return formatEventId(this.epoch, position);
  }

  /** Sets how many entries are kept, and drops the excess at once. */
  setLimit(limit: number): void {
    this.#limit = limit;
    while (this.head - this.tail + 1 > limit) this.dropOldest();
  }

  dropOldest(): void {
    const index = this.tail & (this.#slots.length - 1);
    const entry = this.#slots[index]!;
    this.droppedOrder = entry.order;
    this.bytes -= entry.bytes;
    this.#slots[index] = undefined;
    // What is dropped is not held by what was read.
    if (this.tail++ > this.#eventsAfter) this.#events = NO_EVENTS;
  }

  /** Drops the oldest entry at a limit of memory. Its subscribers get a gap. */
  evictOldest(): void {
    this.evictedTo = this.tail;
    this.dropOldest();
    this.progressed();
  }

  /** Forgets all entries; positions go on. */
  clear(): void {
    if (this.tail <= this.head) this.droppedOrder = this.at(this.head).order;
    this.#slots = new Array(INITIAL_SLOTS);
    this.#events = NO_EVENTS;
    this.tail = this.head + 1;
    this.evictedTo = this.clearedTo = this.head;
    this.bytes = 0;
    this.progressed();
  }

  /** Ends the log, once; readers finish after what is still held. */
  end(how: Exclude<SubscriptionEnd, "cancelled">): void {
    this.ended ??= how;
    this.announce();
  }

  /** Calls `reader.wake()` when something happened; once, unless it parks again. */
  park(reader: Parked): void {
    reader.parkIndex = this.#parked.push(reader) - 1;
  }

  /** Forgets a reader that does not wait any more. */
  unpark(reader: Parked): void {
    const index = reader.parkIndex;
    if (index === -1) return;
    const last = this.#parked.pop()!;
    last.parkIndex = index;
    if (last !== reader) this.#parked[index] = last;
    reader.parkIndex = -1;
  }

  /** Calls `listener` whenever a reader has taken everything or left, until the returned undo. */
  onProgress(listener: () => void): () => void {
    this.#progressListeners.add(listener);
    return () => void this.#progressListeners.delete(listener);
  }

  /** A reader has taken everything, or left, or there is less to take. */
  progressed(): void {
    if (this.#progressListeners.size === 0) return;
    for (const listener of [...this.#progressListeners]) listener();
  }

  /** Wakes everything that waits for the log to grow or end. */
  protected announce(): void {
    if (this.#parked.length !== 0) this.#scheduleWake();
    this.change.tell();
  }

  // One microtask for a burst: publishing costs the same however many subscribers wait, and each of them finds
  // the whole burst.
  #scheduleWake(): void {
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    RESOLVED.then(this.#wake);
  }

  readonly #wake = (): void => {
    this.#isWakeDue = false;
    const parked = this.#parked;
    this.#parked = this.#spare;
    this.#spare = parked;
    for (const reader of parked) reader.parkIndex = -1;
    this.isWaking = true;
    for (const reader of parked) reader.wake();
    this.isWaking = false;
    parked.length = 0;
  };

  #grow(): void {
    const slots = new Array(this.#slots.length * 2);
    for (let position = this.tail; position <= this.head; position++) {
      slots[position & (slots.length - 1)] = this.at(position);
    }
    this.#slots = slots;
  }
}

/** The control event that tells one reader of `log` what it missed. It is stored nowhere. */
export function makeGap(
  log: EventLog,
  from: number,
  to: number,
  reason: BusGap["reason"],
  count: number = log.countOf(from, to),
): Envelope<"bus.gap", BusGap> {
  const data: BusGap = { from_seq: from, to_seq: to, count, reason };
  // Its id is the last missing event's, so resuming after a gap resumes behind it.
  return makeEvent(log, to, "bus.gap", Date.now(), data) as Envelope<"bus.gap", BusGap>;
}

const INITIAL_SLOTS = 16;
const NO_EVENTS: readonly StreamEvent[] = [];
const RESOLVED = Promise.resolve();

function makeEvent(
  log: EventLog,
  seq: number,
  eventType: string,
  time: number,
  data: object,
): StreamEvent {
  return Object.freeze({
    event_id: log.idAt(seq),
    run_id: log.name,
    event_type: eventType,
    timestamp: toTimestamp(time),
    data: Object.freeze(data),
  }) as StreamEvent;
}
