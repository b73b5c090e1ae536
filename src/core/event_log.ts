import { formatEventId } from "../events/identifiers.ts";
import type { BusGap } from "../events/catalogue/mod.ts";
import type { Envelope, StreamEvent } from "../events/stream_event.ts";
import type { SubscriptionEnd } from "./bus.ts";
import { randomHex } from "./random_hex.ts";
import { toTimestamp } from "./timestamp.ts";

/**
 * One published event as the log holds it. The event that readers see is made when the first of them
 * asks: whoever publishes pays for neither its id nor its timestamp, and nobody pays for them twice.
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

  get event(): StreamEvent {
    return this.#event ??= makeEvent(
      this.log,
      this.seq,
      this.eventType,
      this.#time,
      this.#data,
    );
  }
}

/** Somebody who waits for the log to grow or end. */
export interface Parked {
  /** Where it stands among the parked; −1 while it is not parked. Kept by the log. */
  parkIndex: number;
  wake(): void;
}

/**
 * An append-only sequence of events with a bounded memory: the history, the queue and the replay at
 * once. It keeps the last entries in a ring; readers hold nothing but a position, from 1, of the last
 * event they took, and find out by comparing it with {@linkcode tail} what they missed.
 */
export class EventLog {
  /** The run's id, or `*` for the log of all runs. */
  readonly name: string;
  /** Random id of this incarnation: a position is only meaningful together with it. */
  // 48 bits: enough that no two incarnations of one run are the same.
  epoch: string = randomHex(12);
  /** Position of the newest event; 0 while there was none. */
  head = 0;
  /** Position of the oldest event that is still held; `head + 1` while none is. */
  tail = 1;
  /** The highest position that went for want of memory or on request, not by age. */
  evictedTo = 0;
  /** Sum of the entries' sizes. */
  bytes = 0;
  /** How the log ended, or null while events may come. */
  ended: Exclude<SubscriptionEnd, "cancelled"> | null = null;

  #limit: number;
  // The entry of position p is at p & (length - 1): the length is a power of two.
  #slots: (LogEntry | undefined)[] = new Array(INITIAL_SLOTS);
  #parked: Parked[] = [];
  // The other of two arrays, so that waking allocates none.
  #spare: Parked[] = [];
  #waking = false;
  // What handlers wait for: one promise for all of them, made when the first asks.
  #change: Promise<void> | null = null;
  #tellChange: () => void = () => {};
  #changeWaiters = 0;
  #changeLeavers = 0;
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
    const position = ++this.head;
    this.#slots[position & (this.#slots.length - 1)] = entry;
    this.bytes += entry.bytes;
    this.#announce();
  }

  /** The entry at a position from {@linkcode tail} to {@linkcode head}. */
  at(position: number): LogEntry {
    return this.#slots[position & (this.#slots.length - 1)]!;
  }

  /** The `event_id` of a position. */
  idAt(position: number): string {
    return formatEventId(this.epoch, position);
  }

  /** How many entries are held from now on; what is over goes at once. */
  setLimit(limit: number): void {
    this.#limit = limit;
    while (this.head - this.tail + 1 > limit) this.dropOldest();
  }

  /** Forgets the oldest entry. */
  dropOldest(): void {
    const index = this.tail & (this.#slots.length - 1);
    this.bytes -= this.#slots[index]!.bytes;
    this.#slots[index] = undefined;
    this.tail++;
  }

  /** Forgets the oldest entry for want of memory: its readers are told so. */
  evictOldest(): void {
    this.evictedTo = this.tail;
    this.dropOldest();
    this.progressed();
  }

  /** Forgets all entries; positions go on. */
  clear(): void {
    this.#slots = new Array(INITIAL_SLOTS);
    this.tail = this.head + 1;
    this.evictedTo = this.head;
    this.bytes = 0;
    this.progressed();
  }

  /** Ends the log, once; readers finish after what is still held. */
  end(how: Exclude<SubscriptionEnd, "cancelled">): void {
    this.ended ??= how;
    this.#announce();
  }

  /** Calls `reader.wake()` when something happened; once, unless it parks again. */
  park(reader: Parked): void {
    reader.parkIndex = this.#parked.push(reader) - 1;
  }

  /** Forgets a reader that does not wait any more. */
  unpark(reader: Parked): void {
    const index = reader.parkIndex;
    if (index === -1) return;
    reader.parkIndex = -1;
    const last = this.#parked.pop()!;
    if (last === reader) return;
    this.#parked[index] = last;
    last.parkIndex = index;
  }

  /**
   * Resolves when something happens. Whoever waits with `then` goes on in its own async context, which is
   * what handlers need and {@linkcode park} cannot give.
   */
  whenChanged(): Promise<void> {
    this.#changeWaiters++;
    return this.#change ??= new Promise((resolve) => {
      this.#tellChange = resolve;
    });
  }

  /**
   * Says that somebody who asked {@linkcode whenChanged} left. A promise cannot forget who waits for it, so
   * once most have left it is resolved for nothing, and those who stay ask again.
   */
  leaveChange(): void {
    this.#changeLeavers++;
    if (this.#changeLeavers >= 64 && this.#changeLeavers * 2 >= this.#changeWaiters) {
      this.#resolveChange();
    }
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

  #announce(): void {
    if (this.#parked.length !== 0) this.#scheduleWake();
    if (this.#change !== null) this.#resolveChange();
  }

  #resolveChange(): void {
    this.#change = null;
    this.#tellChange();
    this.#changeWaiters = this.#changeLeavers = 0;
  }

  // One microtask for a burst: publishing costs the same however many wait, and whoever wakes finds
  // the whole burst.
  #scheduleWake(): void {
    if (this.#waking) return;
    this.#waking = true;
    RESOLVED.then(this.#wake);
  }

  readonly #wake = (): void => {
    this.#waking = false;
    const parked = this.#parked;
    this.#parked = this.#spare;
    this.#spare = parked;
    for (const reader of parked) reader.parkIndex = -1;
    for (const reader of parked) reader.wake();
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
): Envelope<"bus.gap", BusGap> {
  const data: BusGap = { from_seq: from, to_seq: to, count: to - from + 1, reason };
  // Its id is the last missing event's, so resuming after a gap resumes behind it.
  return makeEvent(log, to, "bus.gap", Date.now(), data) as Envelope<"bus.gap", BusGap>;
}

const INITIAL_SLOTS = 16;
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
