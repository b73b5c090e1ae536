import type { Subscription } from "../core/bus/bus.ts";
import { nextTurn } from "../runtime/next_turn.ts";
import { ALL_RUNS, encodeError, encodeLive, makeEnd } from "./control_events.ts";
import { encodeEvent, encodeEventAt, encodeFrame, type WireEvent } from "./encoder.ts";
import { joinChunks } from "./join_chunks.ts";
import { watchPermit } from "./access_recheck.ts";
import { reportError } from "./report_error.ts";
import { randomRetryMs } from "./retry_time.ts";
import type { StreamSettings } from "./stream_options.ts";

/** What the body of one response is made of. */
export interface EventStreamSourceOptions {
  readonly subscription: Subscription<WireEvent>;
  readonly batches: AsyncIterator<readonly WireEvent[]>;
  /** The first batch, if it was asked for already. */
  readonly first: Promise<IteratorResult<readonly WireEvent[]>> | null;
  /** Where the subscription started. */
  readonly startCursor: string;
  /** Written before everything else. */
  readonly opening: readonly Uint8Array<ArrayBuffer>[];
  readonly settings: StreamSettings;
}

/**
 * The bytes of one connection, pulled: nothing is read from the log before the client has taken what it
 * was sent. A client that stops reading stops everything, and memory stays within the limit of the log.
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
  #stopWatching: (() => void) | undefined;
  #closesAt = Infinity;
  #wroteAt = 0;

  // What is to be written, in this order.
  #opening: readonly Uint8Array<ArrayBuffer>[];
  #batch: readonly WireEvent[] = [];
  // Of several runs: what the client sends if it comes back after each event of the batch.
  #positions: readonly string[] | undefined;
  // Of several runs: those whose end was written.
  readonly #overs: Set<string> = new Set();
  #index = 0;
  // The last words, if any; null while more may come.
  #ending: readonly Uint8Array<ArrayBuffer>[] | null = null;

  // What the client would send if it came back now.
  #sentCursor: string;
  // Where the subscription was at the last heartbeat, if no batch came since.
  #quietCursor: string | null = null;
  #isReading = false;
  // Whether the subscription has taken what was there at its opening, and whether it had when it was read last.
  #isCaughtUp = false;
  #hadCaughtUp = false;
  // Whether `bus.live` was sent, or is to be; null where it has no place on this wire.
  #live: "pending" | "due" | "sent" | null;
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
    this.#live = options.settings.encode === undefined ? "pending" : null;
    if (options.first !== null) this.#read(options.first);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    const { signal, replaced } = this.#settings;
    if (signal?.aborted || replaced?.aborted) return this.#close();
    signal?.addEventListener("abort", this.#close, { once: true });
    replaced?.addEventListener("abort", this.#giveWay, { once: true });
  }

  pull(): void | Promise<void> {
    this.#startTimer();
    if (this.#write()) return;
    if (!this.#isReading) this.#read(this.#batches.next());
    void this.#whenQuiet();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  cancel(): void {
    this.#release();
  }

  #read(batch: Promise<IteratorResult<readonly WireEvent[]>>): void {
    this.#isReading = true;
    this.#hadCaughtUp = this.#isCaughtUp;
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
      // What was there has been written: this batch came later.
      if (this.#hadCaughtUp && this.#live === "pending") this.#live = "due";
      this.#batch = result.value;
      this.#positions = this.#subscription.cursors;
      this.#index = 0;
      return;
    }
    // `bus.end` is sent only if the run was closed. If the bus evicted the run, or for the stream of all runs, the
    // client must reconnect.
    const { ended, runId } = this.#subscription;
    const isOver = ended === "closed" && runId !== ALL_RUNS;
    this.#ending = isOver ? [this.#encode(makeEnd(this.#subscription))] : this.#encodeEnds();
  }

  /** A `bus.end` for each of several runs that was closed, once. */
  #encodeEnds(): Uint8Array<ArrayBuffer>[] {
    const { runs = [] } = this.#subscription;
    return runs.flatMap((run) => {
      if (run.ended !== "closed" || this.#overs.has(run.runId)) return [];
      this.#overs.add(run.runId);
      return encodeEventAt(makeEnd(run), this.#sentCursor);
    });
  }

  #fail(error: unknown): void {
    if (this.#isReleased) return;
    // No event may follow one that cannot be sent, because the client would not notice that it is missing.
    this.#batch = [];
    this.#index = 0;
    const id = this.#report(error);
    const { encodeFailure = (id) => encodeError(this.#subscription.runId, id) } = this.#settings;
    this.#ending = [encodeFailure(id)];
  }

  /** Says that the stream is live if it waits although everything is said. A run that is over ends without a wait. */
  async #whenQuiet(): Promise<void> {
    if (this.#live !== "pending" || !this.#isCaughtUp) return;
    await nextTurn();
    if (this.#live !== "pending" || !this.#isReading || this.#isReleased) return;
    this.#live = "due";
    this.#continue();
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
    if (this.#live === "due") {
      this.#live = "sent";
      chunk.push(encodeLive({ runId: this.#subscription.runId, cursor: this.#sentCursor }));
    }
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
    if (this.#batch.length === 0) return;
    while (this.#index < this.#batch.length && size < CHUNK_BYTES) {
      const position = this.#positions?.[this.#index];
      const event = this.#batch[this.#index++]!;
      try {
        const bytes = position === undefined
          ? [this.#encode(event)]
          : encodeEventAt(event, position);
        chunk.push(...bytes);
        for (const { byteLength } of bytes) size += byteLength;
      } catch (error) {
        return this.#fail(error);
      }
      this.#sentCursor = position ?? event.event_id;
    }
    if (this.#index < this.#batch.length) return;
    this.#batch = [];
    chunk.push(...this.#encodeEnds());
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    const { heartbeatMs, maxLifetimeMs, permit } = this.#settings;
    // Not before the response is read: one that is never sent would be held by the reader of the bus, for good.
    void this.#subscription.caughtUp.then(() => {
      this.#isCaughtUp = true;
      return this.#whenQuiet();
    });
    this.#closesAt = performance.now() + maxLifetimeMs;
    this.#stopWatching = permit && watchPermit(permit, {
      onDenied: this.#close,
      onFailure: (error) => {
        this.#fail(error);
        this.#continue();
      },
    });
    this.#timer = setInterval(() => this.#tick(), heartbeatMs);
  }

  #tick(): void {
    if (performance.now() >= this.#closesAt) return this.#close();
    if (this.#answer !== null) {
      this.#enqueue(joinChunks([...this.#encodeEnds(), this.#encodeHeartbeat()]));
      this.#settle();
      // A client that does not read is sent nothing.
    } else if (this.#isUnreadFor(this.#settings.writeTimeoutMs)) this.#cutOff();
  }

  /** Fails the response, so that nothing waits until the sent bytes are read. */
  #cutOff(): void {
    this.#release();
    // The code is how streams of Node call this; servers there do not take it for a fault of the application.
    const error = new Error("The client does not read what it was sent");
    this.#controller.error(Object.assign(error, { code: "ERR_STREAM_PREMATURE_CLOSE" }));
  }

  /** Ends for a newer stream of the same client, which may well be all that is left of it. */
  readonly #giveWay = (): void => {
    if (this.#isReleased) return;
    if (this.#isUnreadFor(this.#settings.heartbeatMs)) return this.#cutOff();
    // A client that is still there must not take the place back at once.
    const retry = randomRetryMs(15_000, 45_000);
    this.#enqueue(encodeFrame({ retry, comment: "replaced by a newer stream" }));
    this.#close();
  };

  /** Whether the client has left for so long what it was sent last. */
  #isUnreadFor(ms: number): boolean {
    const isAsked = this.#answer !== null || this.#timer === undefined;
    return !isAsked && performance.now() - this.#wroteAt >= ms;
  }

  /** A comment; with the cursor, where that has moved over events which were not selected. */
  #encodeHeartbeat(): Uint8Array<ArrayBuffer> {
    const { cursor } = this.#subscription;
    // One heartbeat late: a batch that was taken up to there, if any, has been written by now.
    const passed = this.#quietCursor;
    this.#quietCursor = cursor;
    if (passed === null || passed === this.#sentCursor) {
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
      // The stream was cancelled without a call of `cancel()`.
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

  /** Releases everything, once: at the end, when the client leaves, on abort, or if a write fails. */
  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearInterval(this.#timer);
    this.#stopWatching?.();
    this.#settings.signal?.removeEventListener("abort", this.#close);
    this.#settings.replaced?.removeEventListener("abort", this.#giveWay);
    this.#batches.return?.().then(undefined, (error) => void this.#report(error));
    this.#settings.onRelease?.();
    this.#settle();
  }

  #report(error: unknown): string {
    return reportError(error, "stream", this.#settings.onError);
  }
}

// One event may be larger; none is split.
const CHUNK_BYTES = 64 * 1024;
