import type { Subscription } from "../core/bus.ts";
import { encodeError, makeEnd } from "./control_events.ts";
import { encodeEvent, encodeFrame, type WireEvent } from "./encoder.ts";
import { joinChunks } from "./join_chunks.ts";
import { PermitCheck } from "./permit_check.ts";
import type { StreamSettings } from "./stream_options.ts";

/** What the body of one response is made of. */
export interface EventStreamSourceOptions {
  readonly subscription: Subscription<WireEvent>;
  readonly batches: AsyncIterator<readonly WireEvent[]>;
  /** The first batch, which was asked for already. */
  readonly first: Promise<IteratorResult<readonly WireEvent[]>>;
  /** Where the subscription started. */
  readonly startCursor: string;
  /** Written before everything else. */
  readonly opening: readonly Uint8Array<ArrayBuffer>[];
  readonly settings: StreamSettings;
}

/**
 * The bytes of one connection, pulled: nothing is read from the log before the client has taken what it
 * was sent. Whoever stops reading stops everything, and nothing but the log's own bound is at stake.
 *
 * A pull that finds nothing waits for a batch or for the timer, whichever comes first. The timer belongs
 * to the connection and runs from its first pull until it is over, because some runtimes close a stream
 * that is quiet, and one ends a request that waits without a timer.
 *
 * Nothing in here may read a run context: which one a stream's callback sees depends on the runtime.
 */
export class EventStreamSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #settings: StreamSettings;
  readonly #encode: (event: WireEvent) => Uint8Array<ArrayBuffer>;
  readonly #subscription: Subscription<WireEvent>;
  readonly #batches: AsyncIterator<readonly WireEvent[]>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #timer: ReturnType<typeof setInterval> | undefined;
  #permitCheck: PermitCheck | undefined;
  #closesAt = Infinity;
  #wroteAt = 0;

  // What is to be written, in this order.
  #opening: readonly Uint8Array<ArrayBuffer>[];
  #batch: readonly WireEvent[] = [];
  #index = 0;
  // The last words, if any; null while more may come.
  #ending: readonly Uint8Array<ArrayBuffer>[] | null = null;

  // What the client would send if it came back now.
  #sentCursor: string;
  // Where the subscription was at the last heartbeat, if no batch came since.
  #quietCursor: string | null = null;
  #isReading = false;
  #isReleased = false;
  // Answers a pull that found nothing to write.
  #answer: (() => void) | null = null;

  constructor(options: EventStreamSourceOptions) {
    this.#settings = options.settings;
    this.#encode = options.settings.encode ?? encodeEvent;
    this.#subscription = options.subscription;
    this.#batches = options.batches;
    this.#opening = options.opening;
    this.#sentCursor = options.startCursor;
    this.#read(options.first);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    const { signal } = this.#settings;
    if (signal?.aborted) this.#close();
    else signal?.addEventListener("abort", this.#close, { once: true });
  }

  pull(): void | Promise<void> {
    this.#startTimer();
    if (this.#write()) return;
    if (!this.#isReading) this.#read(this.#batches.next());
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  cancel(): void {
    this.#release();
  }

  #read(batch: Promise<IteratorResult<readonly WireEvent[]>>): void {
    this.#isReading = true;
    batch.then(this.#onBatch, this.#onFailure);
  }

  readonly #onBatch = (result: IteratorResult<readonly WireEvent[]>): void => {
    this.#isReading = false;
    // Nothing comes after the last words.
    if (this.#ending === null) this.#take(result);
    this.#continue();
  };

  readonly #onFailure = (error: unknown): void => {
    this.#isReading = false;
    this.#fail(error);
    this.#continue();
  };

  #take(result: IteratorResult<readonly WireEvent[]>): void {
    this.#quietCursor = null;
    if (!result.done) {
      this.#batch = result.value;
      this.#index = 0;
      return;
    }
    // The end is said only where a run came to it. If the bus forgot the run, or if all runs were read,
    // the client shall come back.
    const { ended, runId } = this.#subscription;
    const isOver = ended === "closed" && runId !== ALL_RUNS;
    this.#ending = isOver ? [this.#encode(makeEnd(this.#subscription))] : [];
  }

  #fail(error: unknown): void {
    if (this.#isReleased) return;
    // No event after one that cannot be sent: nobody would know that it is missing.
    this.#batch = [];
    this.#index = 0;
    this.#ending = [encodeError(this.#subscription.runId, this.#report(error))];
  }

  /** Answers a pull that waits, if there is something to write now. */
  #continue(): void {
    if (this.#answer !== null && this.#write()) this.#settle();
  }

  #settle(): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.();
  }

  /** Writes everything that there is, as one chunk. False if there was nothing. */
  #write(): boolean {
    const chunk = [...this.#opening];
    this.#opening = [];
    this.#encodeBatch(chunk);
    // The end is never known before the batch in front of it has been written.
    if (this.#ending !== null) chunk.push(...this.#ending);
    if (chunk.length > 0) this.#enqueue(joinChunks(chunk));
    if (this.#ending !== null) this.#close();
    return chunk.length > 0 || this.#ending !== null;
  }

  /** The next events of the batch, until the chunk is large enough. */
  #encodeBatch(chunk: Uint8Array<ArrayBuffer>[]): void {
    let size = 0;
    while (this.#index < this.#batch.length && size < CHUNK_BYTES) {
      const event = this.#batch[this.#index++]!;
      let bytes;
      try {
        bytes = this.#encode(event);
      } catch (error) {
        return this.#fail(error);
      }
      chunk.push(bytes);
      size += bytes.byteLength;
      this.#sentCursor = event.event_id;
    }
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    const { heartbeatMs, maxLifetimeMs, permit } = this.#settings;
    const now = performance.now();
    this.#closesAt = now + maxLifetimeMs;
    this.#permitCheck = permit && new PermitCheck(permit, now, {
      onDenied: this.#close,
      onFailure: (error) => {
        this.#fail(error);
        this.#continue();
      },
    });
    this.#timer = setInterval(() => this.#tick(), heartbeatMs);
  }

  #tick(): void {
    const now = performance.now();
    if (now >= this.#closesAt) return this.#close();
    this.#permitCheck?.tick(now);
    if (this.#isReleased) return;
    if (this.#answer !== null) {
      this.#enqueue(this.#encodeHeartbeat());
      this.#settle();
      // A client that does not read is sent nothing.
    } else if (now - this.#wroteAt >= this.#settings.writeTimeoutMs) this.#cutOff();
  }

  /** Fails the response: whatever has been sent shall not be waited for. */
  #cutOff(): void {
    this.#release();
    // The code is how streams of Node call this; servers there do not take it for a fault of the application.
    const error = new Error("The client does not read what it was sent");
    this.#controller.error(Object.assign(error, { code: "ERR_STREAM_PREMATURE_CLOSE" }));
  }

  /** A comment; with the cursor, where that has moved over events which were not selected. */
  #encodeHeartbeat(): Uint8Array<ArrayBuffer> {
    const { cursor, runId } = this.#subscription;
    // One heartbeat late: a batch that was taken up to there, if any, has been written by now.
    const passed = this.#quietCursor;
    this.#quietCursor = cursor;
    if (passed === null || passed === this.#sentCursor || runId === ALL_RUNS) {
      return encodeFrame({ comment: "" });
    }
    this.#sentCursor = passed;
    return encodeFrame({ comment: "", id: passed });
  }

  #enqueue(chunk: Uint8Array<ArrayBuffer>): void {
    this.#wroteAt = performance.now();
    try {
      this.#controller.enqueue(chunk);
    } catch (error) {
      // The stream is gone, and nobody said so.
      this.#release();
      this.#report(error);
    }
  }

  /** Ends the response. What was not written yet is for the client that comes back. */
  readonly #close = (): void => {
    if (this.#isReleased) return;
    this.#release();
    this.#controller.close();
  };

  /** Gives everything back, once: at the end, or when the client, its signal or a write says so. */
  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearInterval(this.#timer);
    this.#settings.signal?.removeEventListener("abort", this.#close);
    this.#batches.return?.().then(undefined, (error) => void this.#report(error));
    this.#settings.onRelease?.();
    this.#settle();
  }

  #report(error: unknown): string {
    const correlationId = crypto.randomUUID();
    try {
      this.#settings.onError(error, { stage: "stream", correlationId });
    } catch { /* nobody is left to tell */ }
    return correlationId;
  }
}

/** What a subscription to all runs has for a run. */
export const ALL_RUNS = "*";

// One event may be larger; none is split.
const CHUNK_BYTES = 64 * 1024;
