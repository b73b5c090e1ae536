import { nextTurn } from "../runtime/next_turn.ts";
import { watchPermit } from "./access_recheck.ts";
import { Chunk } from "./chunk.ts";
import { encodeFrame } from "./encoder.ts";
import { randomRetryMs } from "./retry_time.ts";
import type { StreamSettings } from "./stream_options.ts";
import type { WireContent } from "./wire_content.ts";
import type { WireWriter } from "./wire_writer.ts";

/**
 * One connection, whoever writes it: nothing is read from the log before the writer takes it. A client that stops reading
 * stops everything, and memory stays within the limit of the log.
 *
 * A stream that has nothing to write waits for the log, whose wake writes, or for the timer. The timer runs from the
 * beginning until the stream is over, because some runtimes close a stream that is quiet, and one ends a request that
 * waits without a timer.
 *
 * Nothing in here may read a run context: which one is there depends on the runtime, and on who published.
 */
export class EventStream {
  readonly #content: WireContent;
  readonly #settings: StreamSettings;
  #writer!: WireWriter;
  #stopTimer: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  #giveWay: (() => void) | undefined;
  #closesAt = Infinity;
  #wroteAt = 0;
  // Whether the log wakes this when it has something.
  #isWaiting = false;
  #isOver = false;

  constructor(content: WireContent, settings: StreamSettings) {
    this.#content = content;
    this.#settings = settings;
  }

  /** Whether nothing is written or held any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The response is there. */
  open(writer: WireWriter): void {
    this.#writer = writer;
    const { signal, replaced } = this.#settings;
    if (signal?.aborted || replaced?.aborted) return this.close();
    signal?.addEventListener("abort", this.close, { once: true });
    if (replaced === undefined) return;
    this.#giveWay = () => this.#endForNewer();
    replaced.addEventListener("abort", this.#giveWay, { once: true });
  }

  /** Goes on with another writer, in place of one that has written everything. */
  moveTo(writer: WireWriter): void {
    this.#writer = writer;
    this.#run();
  }

  /** The writer takes more. */
  ready(): void {
    this.#start();
    this.#run();
  }

  /** The response is not wanted any more. */
  cancel(): void {
    this.#release();
  }

  /** Ends the response. What was not written yet is for the client that comes back. */
  readonly close = (): void => {
    if (this.#isOver) return;
    this.#release();
    this.#writer.end();
  };

  /** Writes as long as there is something, and the writer takes it. */
  #run(): void {
    while (!this.#isOver && this.#writer.isReady) {
      const chunk = this.#content.next();
      if (chunk !== null) this.#send(chunk);
      if (this.#content.isEnded) return this.close();
      if (chunk !== null) continue;
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      this.#content.park(this.#wake);
      if (this.#content.isLiveUnsaid) void this.#whenQuiet();
      return;
    }
  }

  readonly #wake = (): void => {
    this.#isWaiting = false;
    this.#run();
  };

  /** Says that the stream is live if it waits although everything is said. A run that is over ends without a wait. */
  async #whenQuiet(): Promise<void> {
    await nextTurn();
    if (!this.#content.isLiveUnsaid || !this.#isWaiting || this.#isOver) return;
    this.#content.sayLive();
    this.#run();
  }

  #start(): void {
    if (this.#stopTimer !== undefined) return;
    const { heartbeatMs, maxLifetimeMs, permit } = this.#settings;
    // Not before the response is read: one that is never sent would be held by the reader of the bus, for good.
    this.#content.whenCaughtUp(() => void this.#whenQuiet());
    this.#closesAt = performance.now() + maxLifetimeMs;
    this.#stopWatching = permit && watchPermit(permit, {
      onDenied: this.close,
      onFailure: (error) => {
        if (this.#isOver) return;
        this.#content.fail(error);
        this.#run();
      },
    });
    this.#stopTimer = this.#writer.every(heartbeatMs, this.#tick);
  }

  readonly #tick = (): void => {
    if (performance.now() >= this.#closesAt) return this.close();
    if (this.#writer.isReady) this.#send(this.#content.nextHeartbeat());
    // A client that does not read is sent nothing.
    else if (this.#isUnreadFor(this.#settings.writeTimeoutMs)) this.#cutOff();
  };

  #cutOff(): void {
    this.#release();
    this.#writer.cutOff();
  }

  /** Ends for a newer stream of the same client, which may well be all that is left of it. */
  #endForNewer(): void {
    if (this.#isOver) return;
    if (this.#isUnreadFor(this.#settings.heartbeatMs)) return this.#cutOff();
    // A client that is still there must not take the place back at once.
    const retry = randomRetryMs(15_000, 45_000);
    this.#send(new Chunk(encodeFrame({ retry, comment: "replaced by a newer stream" })));
    this.close();
  }

  /** Whether the client has left for so long what it was sent last. */
  #isUnreadFor(ms: number): boolean {
    const isAsked = this.#writer.isReady || this.#stopTimer === undefined;
    return !isAsked && performance.now() - this.#wroteAt >= ms;
  }

  #send(chunk: Chunk): void {
    try {
      this.#writer.write(chunk);
    } catch (error) {
      // The response is over, and the stream was not told.
      this.#release();
      this.#content.report(error);
    }
    if (!this.#writer.isReady) this.#wroteAt = performance.now();
  }

  /** Releases everything, once: at the end, when the client leaves, on abort, or if a write fails. */
  #release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer?.();
    this.#stopWatching?.();
    this.#settings.signal?.removeEventListener("abort", this.close);
    if (this.#giveWay) this.#settings.replaced?.removeEventListener("abort", this.#giveWay);
    this.#content.leave();
    this.#settings.onRelease?.();
  }
}
