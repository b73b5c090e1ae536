import type { LogEntry } from "./event_log.ts";
import type { EventIterator } from "./event_iterator.ts";
import type { StreamReader } from "./stream_reader.ts";

/** The iterator's lock on its stream: while it is held, no other reader can read. */
export type Lock = Pick<ReadableStreamDefaultReader<unknown>, "cancel" | "releaseLock">;

type Waiting = Pick<StreamReader<unknown>, "atEnd" | "park" | "unpark">;

export interface LogIteratorOptions<V> {
  /** Locks the stream while the iterator lives, as the stream's own iterator would. */
  readonly lock: Lock;
  readonly position: Waiting;
  /** What one step yields: an event, or all that are pending. */
  readonly take: () => V | undefined;
  /** Where that is an event: its entry, if that is all there is to it. Its answer is shared by all who get there. */
  readonly takeEntry: (() => LogEntry | undefined) | null;
  readonly preventCancel: boolean;
  readonly onEnd: () => void;
}

/** Iterates a log straight from a reader's position: no queue, and no promise but its own. */
export class LogIterator<V> implements EventIterator<V> {
  readonly #options: LogIteratorOptions<V>;
  readonly #position: Waiting;
  readonly #take: () => V | undefined;
  readonly #takeEntry: (() => LogEntry | undefined) | null;
  // The last next() that is not answered. Calls that do not wait for each other queue behind it.
  #last: Promise<IteratorResult<V, undefined>> | null = null;
  #waiting: Promise<IteratorResult<V, undefined>> | null = null;
  #resolve: ((result: IteratorResult<V, undefined>) => void) | null = null;
  #done = false;

  constructor(options: LogIteratorOptions<V>) {
    this.#options = options;
    this.#position = options.position;
    this.#take = options.take;
    this.#takeEntry = options.takeEntry;
  }

  next(): Promise<IteratorResult<V, undefined>> {
    return this.#last === null ? this.#step() : this.#queue(this.#last);
  }

  async return(): Promise<IteratorResult<V, undefined>> {
    if (!this.#done) {
      this.#done = true;
      const { lock, preventCancel } = this.#options;
      // Either answers a next() that still waits: it must not take an event from the next reader.
      if (preventCancel) this.#giveUp();
      else await lock.cancel();
      lock.releaseLock();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #step(): Promise<IteratorResult<V, undefined>> {
    if (this.#done) return Promise.resolve(DONE);
    const entry = this.#takeEntry?.();
    if (entry !== undefined) return entry.answer as Promise<IteratorYieldResult<V>>;
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#position.atEnd) return Promise.resolve(this.#finish());
    const waiting = this.#waiting = new Promise(this.#wait);
    this.#last ??= waiting;
    return waiting;
  }

  #queue(last: Promise<IteratorResult<V, undefined>>): Promise<IteratorResult<V, undefined>> {
    const queued = this.#last = last.then(() => this.#step());
    const forget = () => {
      if (this.#last === queued) this.#last = null;
    };
    queued.then(forget, forget);
    return queued;
  }

  readonly #wait = (resolve: (result: IteratorResult<V, undefined>) => void): void => {
    this.#resolve = resolve;
    this.#position.park(this.#resume);
  };

  readonly #resume = (): void => {
    const result = this.#takeResult();
    // Nothing for this reader: its selection skipped what came.
    if (result === undefined && !this.#position.atEnd) return this.#position.park(this.#resume);
    const resolve = this.#resolve!;
    this.#resolve = null;
    if (this.#last === this.#waiting) this.#last = null;
    this.#waiting = null;
    resolve(result ?? this.#finish());
  };

  #takeResult(): IteratorYieldResult<V> | undefined {
    const entry = this.#takeEntry?.();
    if (entry !== undefined) return entry.result as IteratorYieldResult<V>;
    const value = this.#take();
    return value === undefined ? undefined : { value, done: false };
  }

  #giveUp(): void {
    const resolve = this.#resolve;
    if (resolve === null) return;
    this.#resolve = null;
    this.#position.unpark();
    resolve(DONE);
  }

  #finish(): IteratorReturnResult<undefined> {
    if (!this.#done) {
      this.#done = true;
      const { lock, onEnd } = this.#options;
      onEnd();
      // Closes the stream behind the iterator, so that it is not left readable.
      void lock.cancel();
      lock.releaseLock();
    }
    return DONE;
  }
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });
