import type { BatchOptions, Recovery, Subscription, SubscriptionEnd } from "./bus.ts";
import type { EventLog } from "./event_log.ts";
import { LogIterator } from "./log_iterator.ts";
import { LogPosition, type PositionOptions } from "./log_position.ts";
import { checkCount, checkOptions } from "./options.ts";

/** What the bus hands to a new subscription. */
export interface ReaderOptions extends PositionOptions {
  readonly signal: AbortSignal | undefined;
  /** Called once, when it needs the log no more. */
  readonly onRelease: (reader: Reader) => void;
}

/** A subscription as the bus counts it. */
export interface Reader {
  /** Where it stands. */
  readonly position: LogPosition<unknown>;
  /** How many events are not done with. */
  readonly depth: number;
}

/**
 * A position in an {@linkcode EventLog}, with three ways to read on from it: the iterator, batches,
 * and the stream's own reader. It queues nothing.
 */
export class LogSubscription<T> extends ReadableStream<T> implements Subscription<T>, Reader {
  recovery: Recovery;
  /** Where it stands. */
  readonly position: LogPosition<T>;

  readonly #signal: AbortSignal | undefined;
  readonly #onRelease: (reader: Reader) => void;
  #ended: SubscriptionEnd | null = null;
  // Whether the stream was cancelled: then it is closed already.
  #isCancelled = false;
  // Ends a pull() that waits.
  #endPull: (() => void) | null = null;

  constructor(log: EventLog, options: ReaderOptions) {
    // The high-water mark of 0 keeps the stream from reading ahead: what it took, it could lose.
    super({
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#isCancelled = true;
        this.release("cancelled");
      },
    }, { highWaterMark: 0 });
    this.position = new LogPosition(log, options);
    this.#signal = options.signal;
    this.#onRelease = options.onRelease;
    this.recovery = options.start.recovery;
  }

  /** Begins to heed the signal. */
  start(): this {
    if (this.#signal?.aborted) this.release("cancelled");
    else this.#signal?.addEventListener("abort", this.#abort, { once: true });
    return this;
  }

  get runId(): string {
    return this.position.log.name;
  }

  get ended(): SubscriptionEnd | null {
    return this.#ended;
  }

  get cursor(): string {
    return this.position.eventId;
  }

  get depth(): number {
    return this.position.depth;
  }

  override [Symbol.asyncIterator](
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<T> {
    return this.#iterate(() => this.position.take(), options);
  }

  override values(options?: ReadableStreamIteratorOptions): ReadableStreamAsyncIterator<T> {
    return this[Symbol.asyncIterator](options);
  }

  /**
   * @throws {TypeError} If an option is unknown.
   * @throws {RangeError} If `maxEvents` is neither a whole number of at least 1 nor `Infinity`.
   */
  batches(options: BatchOptions = {}): ReadableStreamAsyncIterator<readonly T[]> {
    const owner = "Subscription.batches()";
    checkOptions(owner, options, ["maxEvents"]);
    const { maxEvents = Infinity } = options;
    if (maxEvents !== Infinity) checkCount(owner, "maxEvents", maxEvents, 1);
    return this.#iterate(() => this.position.takeAll(maxEvents));
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

  /** Ends the subscription, once. Whoever waits for an event finishes. */
  release(how: SubscriptionEnd): void {
    if (this.#ended !== null) return;
    this.#ended = how;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#onRelease(this);
    this.position.stop();
  }

  readonly #abort = (): void => this.release("cancelled");

  readonly #finish = (): void => {
    if (this.position.log.ended !== null) this.release(this.position.log.ended);
  };

  #iterate<V>(
    take: () => V | undefined,
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<V> {
    return new LogIterator({
      lock: this.getReader(),
      position: this.position,
      take,
      preventCancel: options?.preventCancel === true,
      onEnd: this.#finish,
    });
  }

  #pull(controller: ReadableStreamDefaultController<T>): void | Promise<void> {
    const event = this.position.take();
    if (event !== undefined) return controller.enqueue(event);
    if (!this.position.atEnd) return this.#waitToPull(controller);
    this.#finish();
    if (!this.#isCancelled) controller.close();
  }

  #waitToPull(controller: ReadableStreamDefaultController<T>): Promise<void> {
    return new Promise((resolve) => {
      this.#endPull = () => {
        this.#endPull = null;
        this.position.unpark();
        resolve();
      };
      this.position.park(() => {
        this.#endPull = null;
        // Without a lock nobody asks any more; the next read pulls again.
        resolve(this.locked ? this.#pull(controller) : undefined);
      });
    });
  }
}
