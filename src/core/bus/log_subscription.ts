import type { BatchOptions, Recovery, RunReading, Subscription, SubscriptionEnd } from "./bus.ts";
import type { EventIterator, IterateOptions } from "../log/event_iterator.ts";
import { type DirectReader, readDirectly } from "../log/direct_reader.ts";
import type { LogEntry } from "../log/event_log.ts";
import { LogIterator } from "../log/log_iterator.ts";
import { checkCount, checkOptions } from "../options.ts";
import type { StreamReader } from "../log/stream_reader.ts";

/**
 * A reader's stream, with three ways to read on from where it stands: the iterator, batches, and the stream's
 * own reader. It queues nothing.
 */
export class LogSubscription<T> extends ReadableStream<T> implements Subscription<T> {
  readonly #reader: StreamReader<T>;
  // Whether the stream was cancelled: then it is closed already.
  #isCancelled = false;
  // Ends a pull() that waits.
  #endPull: (() => void) | null = null;

  constructor(reader: StreamReader<T>) {
    // The high-water mark of 0 keeps the stream from reading ahead: what it took, it could lose.
    super({
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#isCancelled = true;
        reader.release("cancelled");
      },
    }, { highWaterMark: 0 });
    this.#reader = reader;
    reader.begin(this);
  }

  get runId(): string {
    return this.#reader.runId;
  }

  get runs(): readonly RunReading[] | undefined {
    return this.#reader.runs;
  }

  get ended(): SubscriptionEnd | null {
    return this.#reader.ended;
  }

  get recovery(): Recovery {
    return this.#reader.recovery;
  }

  get caughtUp(): Promise<void> {
    return this.#reader.caughtUp;
  }

  get cursor(): string {
    return this.#reader.cursor;
  }

  get cursors(): readonly string[] | undefined {
    return this.#reader.cursors;
  }

  override [Symbol.asyncIterator](options?: IterateOptions): EventIterator<T> {
    const reader = this.#reader;
    return this.#iterate(() => reader.take(), options, () => reader.takeEntry());
  }

  override values(options?: IterateOptions): EventIterator<T> {
    return this[Symbol.asyncIterator](options);
  }

  /**
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If `maxEvents` is neither a whole number of at least 1 nor `Infinity`.
   */
  batches(options: BatchOptions = {}): EventIterator<readonly T[]> {
    const owner = "Subscription.batches()";
    checkOptions(owner, options, ["maxEvents"]);
    const { maxEvents = Infinity } = options;
    if (maxEvents !== Infinity) checkCount(owner, "maxEvents", maxEvents, 1);
    return this.#iterate(() => this.#reader.takeAll(maxEvents));
  }

  [readDirectly](): DirectReader<T> {
    return new LockedReader(this.#reader, this.getReader());
  }

  override getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  override getReader(): ReadableStreamDefaultReader<T>;
  override getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<T>;
  override getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<T> {
    const reader = super.getReader(options as undefined);
    // A read that was given up with its lock must not take an event from the new reader.
    this.#endPull?.();
    return reader;
  }

  #iterate<V>(
    take: () => V | undefined,
    options?: IterateOptions,
    takeEntry: (() => LogEntry | undefined) | null = null,
  ): EventIterator<V> {
    return new LogIterator({
      takeEntry,
      lock: this.getReader(),
      position: this.#reader,
      take,
      preventCancel: options?.preventCancel === true,
      onEnd: this.#reader.finish,
    });
  }

  #pull(controller: ReadableStreamDefaultController<T>): void | Promise<void> {
    const event = this.#reader.take();
    if (event !== undefined) return controller.enqueue(event);
    if (!this.#reader.atEnd) return this.#waitToPull(controller);
    this.#reader.finish();
    if (!this.#isCancelled) controller.close();
  }

  #waitToPull(controller: ReadableStreamDefaultController<T>): Promise<void> {
    return new Promise((resolve) => {
      this.#endPull = () => {
        this.#endPull = null;
        this.#reader.unpark();
        resolve();
      };
      this.#reader.park(() => {
        this.#endPull = null;
        // Without a lock there is no reader to pull for; the next read pulls again.
        resolve(this.locked ? this.#pull(controller) : undefined);
      });
    });
  }
}

/** Reads past the stream of a subscription, which it keeps locked as long as anybody else holds it. */
class LockedReader<T> implements DirectReader<T> {
  readonly #reader: StreamReader<T>;
  #lock: WeakRef<ReadableStreamDefaultReader<T>> | null;

  constructor(reader: StreamReader<T>, lock: ReadableStreamDefaultReader<T>) {
    this.#reader = reader;
    this.#lock = new WeakRef(lock);
    reader.passTo(this);
  }

  get runId(): string {
    return this.#reader.runId;
  }

  get runs(): readonly RunReading[] | undefined {
    return this.#reader.runs;
  }

  get ended(): SubscriptionEnd | null {
    return this.#reader.ended;
  }

  get recovery(): Recovery {
    return this.#reader.recovery;
  }

  get caughtUp(): Promise<void> {
    return this.#reader.caughtUp;
  }

  get cursor(): string {
    return this.#reader.cursor;
  }

  get cursors(): readonly string[] | undefined {
    return this.#reader.cursors;
  }

  get atEnd(): boolean {
    return this.#reader.atEnd;
  }

  takeAll(max: number): readonly T[] | undefined {
    return this.#reader.takeAll(max);
  }

  park(resume: () => void): void {
    this.#reader.park(resume);
  }

  leave(): void {
    if (this.#lock === null) return;
    const lock = this.#lock.deref();
    this.#lock = null;
    this.#reader.unpark();
    if (this.#reader.atEnd) this.#reader.finish();
    this.#reader.release("cancelled");
    void lock?.cancel();
    lock?.releaseLock();
  }
}
