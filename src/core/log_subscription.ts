import type { BusGap } from "../events/catalogue/mod.ts";
import { formatEventId } from "../events/identifiers.ts";
import type { Recovery, Subscription, SubscriptionEnd } from "./bus.ts";
import { type EventLog, makeGap, type Parked } from "./event_log.ts";

/** Where and how a reader starts, as the bus worked it out. */
export interface ReaderStart {
  /** Position of the last event that this reader is not to get. */
  readonly cursor: number;
  readonly recovery: Recovery;
  /** Announce that everything up to `cursor` is missing, for this reason, before anything else. */
  readonly announce?: BusGap["reason"];
}

/** What the bus hands to a new subscription. */
export interface ReaderOptions {
  readonly start: ReaderStart;
  /** How many live events it may lag behind. */
  readonly maxLag: number;
  readonly select: ((eventType: string) => boolean) | undefined;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of events it was told that it lost by lagging. */
  readonly onDrop: (count: number) => void;
  /** Called once, when it needs the log no more. */
  readonly onRelease: (reader: Reader, log: EventLog) => void;
}

/** A subscription as the bus counts it. */
export interface Reader {
  /** How many events are pending. */
  readonly depth: number;
}

/**
 * A position in an {@linkcode EventLog}, with three ways to read on from it: the iterator, batches,
 * and the stream's own reader. It queues nothing.
 */
export class LogSubscription<T> extends ReadableStream<T>
  implements Subscription<T>, Parked, Reader {
  readonly recovery: Recovery;
  parkIndex = -1;

  readonly #log: EventLog;
  readonly #options: ReaderOptions;
  readonly #joinHead: number;
  readonly #joinTail: number;
  #cursor: number;
  #announce: BusGap["reason"] | undefined;
  #ended: SubscriptionEnd | null = null;
  // Continues whoever waits: an iterator's next(), or the stream's pull.
  #resume: (() => void) | null = null;

  constructor(log: EventLog, options: ReaderOptions) {
    // The high-water mark of 0 keeps the stream from reading ahead: what it took, it could lose.
    super({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.release("cancelled"),
    }, { highWaterMark: 0 });
    this.#log = log;
    this.#options = options;
    this.#joinHead = log.head;
    this.#joinTail = log.tail;
    this.#cursor = options.start.cursor;
    this.#announce = options.start.announce;
    this.recovery = options.start.recovery;
    const { signal } = options;
    if (signal?.aborted) this.release("cancelled");
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get ended(): SubscriptionEnd | null {
    return this.#ended;
  }

  get cursor(): string {
    return formatEventId(this.#log.epoch, this.#cursor);
  }

  get depth(): number {
    return this.#log.head - Math.max(this.#cursor, this.#floor());
  }

  override [Symbol.asyncIterator](
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<T> {
    return this.#iterate(() => this.#take(), options);
  }

  override values(
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<T> {
    return this[Symbol.asyncIterator](options);
  }

  batches(): ReadableStreamAsyncIterator<readonly T[]> {
    return this.#iterate(() => this.#takeAll());
  }

  /** Ends the subscription, once. Whoever waits for an event finishes. */
  release(how: SubscriptionEnd): void {
    if (this.#ended !== null) return;
    this.#ended = how;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#log.unpark(this);
    this.#options.onRelease(this, this.#log);
    this.#continue();
  }

  /** Something happened to the log. */
  wake(): void {
    this.#continue();
  }

  readonly #abort = (): void => this.release("cancelled");

  #continue(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  /** Waits for the log to grow or end, then calls `resume`. */
  #park(resume: () => void): void {
    this.#resume = resume;
    this.#log.park(this);
  }

  /** The position that this reader can at least jump to: before it, events are gone. */
  #floor(): number {
    const { head, tail } = this.#log;
    const live = head - Math.max(this.#cursor, this.#joinHead);
    const { maxLag } = this.#options;
    return live > maxLag ? Math.max(tail - 1, head - maxLag) : tail - 1;
  }

  /** The next event, or undefined if it has to wait or has ended. */
  #take(): T | undefined {
    if (this.#ended !== null) return undefined;
    const log = this.#log;
    const floor = this.#floor();
    if (this.#announce !== undefined || this.#cursor < floor) return this.#takeGap(floor);
    const { select } = this.#options;
    while (this.#cursor < log.head) {
      const entry = log.at(++this.#cursor);
      if (select === undefined || select(entry.eventType)) return entry.event as T;
    }
    if (log.ended !== null) this.release(log.ended);
    return undefined;
  }

  #takeGap(floor: number): T {
    const log = this.#log;
    const announce = this.#announce;
    const from = announce === undefined ? this.#cursor + 1 : 1;
    this.#announce = undefined;
    this.#cursor = Math.max(this.#cursor, floor);
    const wasGone = from < this.#joinTail || from <= log.evictedTo;
    const reason = announce ?? (wasGone ? "evicted" : "lagged");
    const gap = makeGap(log, from, this.#cursor, reason);
    if (reason === "lagged") this.#options.onDrop(gap.data.count);
    return gap as T;
  }

  /** All pending events, or undefined if there are none. */
  #takeAll(): readonly T[] | undefined {
    let event = this.#take();
    if (event === undefined) return undefined;
    const batch = [];
    do batch.push(event); while ((event = this.#take()) !== undefined);
    return batch;
  }

  #pull(controller: ReadableStreamDefaultController<T>): void | Promise<void> {
    const event = this.#take();
    if (event !== undefined) controller.enqueue(event);
    else if (this.#ended === null) {
      return new Promise((resolve) => this.#park(() => resolve(this.#pull(controller))));
    } else if (this.#ended !== "cancelled" || this.#options.signal?.aborted) controller.close();
  }

  #iterate<V>(
    take: () => V | undefined,
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<V> {
    // Locks the stream, as its own iterator would, but never reads through it.
    return new LogIterator(this.getReader(), {
      take,
      hasEnded: () => this.#ended !== null,
      park: (resume) => this.#park(resume),
    }, options?.preventCancel === true);
  }
}

/** What an iterator holds of the stream: that nobody else reads it. */
type Lock = Pick<ReadableStreamDefaultReader<unknown>, "cancel" | "releaseLock">;

/** What an iterator needs of its subscription. */
interface Source<T> {
  take(): T | undefined;
  hasEnded(): boolean;
  park(resume: () => void): void;
}

/** Reads the log straight from a subscription's position: no queue, no promise but its own. */
class LogIterator<T> implements ReadableStreamAsyncIterator<T> {
  readonly #lock: Lock;
  readonly #source: Source<T>;
  readonly #preventCancel: boolean;
  #waiting: Promise<IteratorResult<T, undefined>> | null = null;
  #done = false;

  constructor(
    lock: Lock,
    source: Source<T>,
    preventCancel: boolean,
  ) {
    this.#lock = lock;
    this.#source = source;
    this.#preventCancel = preventCancel;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Calls that do not wait for each other are answered in their order.
    if (this.#waiting !== null) return this.#waiting.then(() => this.next());
    if (this.#done) return Promise.resolve(DONE);
    const value = this.#source.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#source.hasEnded()) return Promise.resolve(this.#finish());
    return this.#waiting = new Promise((resolve) => this.#wait(resolve));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#done) {
      this.#done = true;
      // Also answers a next() that still waits.
      if (!this.#preventCancel) await this.#lock.cancel();
      this.#lock.releaseLock();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #wait(resolve: (result: IteratorResult<T, undefined>) => void): void {
    this.#source.park(() => {
      const value = this.#source.take();
      if (value === undefined && !this.#source.hasEnded()) return this.#wait(resolve);
      this.#waiting = null;
      resolve(value === undefined ? this.#finish() : { value, done: false });
    });
  }

  #finish(): IteratorReturnResult<undefined> {
    if (!this.#done) {
      this.#done = true;
      // Closes the stream behind the iterator, so that it is not left readable.
      void this.#lock.cancel();
      this.#lock.releaseLock();
    }
    return DONE;
  }
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });
