import { describe } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { isLastEventId, LAST_EVENT_ID_RULE } from "../sse/last_event_id.ts";
import { dropRejection } from "../runtime/promise_like.ts";
import { ClientError, mayPass } from "./client_error.ts";
import { type Arrival, Connection } from "./connection.ts";
import { Delivered, isRestart } from "./delivered.ts";
import type { FollowedRun } from "./followed_run.ts";
import type { FollowSettings } from "./follow_options.ts";
import type { FollowEnd, FollowPhase, FollowState } from "./follow_state.ts";
import { readEvent } from "./read_event.ts";
import type { Target } from "./request.ts";
import { Retries } from "./retries.ts";
import { onWakeUp } from "./wake_up.ts";
import { pause } from "./within_time.ts";

/**
 * Delivers one run over as many connections as necessary.
 *
 * Everything happens inside `next()`. Between calls there is no timer, no listener and no read, and the user's
 * functions run in the reader's async context. Three things close the connection at any time: leaving, aborting, and
 * another stream of the browser that takes its place.
 */
export class Follower<E extends object> implements FollowedRun<E> {
  readonly #target: Target;
  readonly #settings: FollowSettings;
  readonly #delivered = new Delivered();
  // Of several runs: those that have ended.
  readonly #over: Set<string> = new Set();
  readonly #retries: Retries;
  #connection: Connection | null = null;
  // Ends the wait before the next attempt.
  #wait: AbortController | null = null;
  // Whether the next attempt is due at once.
  #isHurried = false;
  #turn: Promise<unknown> = Promise.resolve();

  #phase: FollowPhase = "idle";
  #ended: FollowEnd | null = null;
  #lastEventId: string | null;
  #connections = 0;
  #cause: ClientError | null = null;
  #waitMs: number | null = null;
  readonly #counts = { events: 0, missedEvents: 0, restarts: 0, duplicates: 0, invalidEvents: 0 };

  constructor(target: Target, settings: FollowSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#retries = new Retries("followRun()", settings.retry);
    this.#lastEventId = settings.after;
  }

  get state(): FollowState {
    return Object.freeze({
      phase: this.#phase,
      ended: this.#ended,
      lastEventId: this.#lastEventId,
      reconnects: Math.max(0, this.#connections - 1),
      failures: this.#retries.failures,
      cause: this.#cause,
      waitMs: this.#waitMs,
      ...this.#counts,
    });
  }

  /** Serves concurrent calls one after another. */
  next(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    const result = this.#turn.then(() => this.#advance());
    this.#turn = result.catch(() => {});
    return result;
  }

  return(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    this.#end({ reason: "left" });
    return Promise.resolve({ done: true, value: undefined });
  }

  readonly retryNow = (): void => {
    // A machine that slept has lost its connections without any error.
    if (this.#connection?.giveUpIfSilent()) this.#isHurried = true;
    this.#wait?.abort();
  };

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #advance(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    if (this.#phase === "idle") this.#begin();
    while (this.#ended === null) {
      try {
        const event = this.#take();
        // What the server sends is what the caller says it is.
        if (event !== undefined) return { done: false, value: event as StreamEvent<E> };
        await this.#whileAwake(this.#connection?.read() ?? this.#connect());
      } catch (error) {
        await this.#recover(error);
      }
    }
    return { done: true, value: undefined };
  }

  /** Waits for `work`. A page that wakes up meanwhile connects at once. */
  async #whileAwake(work: Promise<void>): Promise<void> {
    const stopListening = onWakeUp(this.retryNow);
    try {
      await work;
    } finally {
      stopListening();
    }
  }

  #begin(): void {
    const { signal } = this.#settings;
    if (signal?.aborted) return this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#end({ reason: "aborted" });

  async #connect(): Promise<void> {
    this.#turnTo("connecting");
    const connection = new Connection(this.#target, {
      idleTimeoutMs: this.#settings.idleTimeoutMs,
      maxBlockLength: this.#settings.maxBlockLength,
      onRetry: (retryMs) => void (this.#retries.askedMs = retryMs),
      onHeartbeat: () => this.#retries.succeeded(),
    });
    this.#connection = connection;
    // The position moves when the history of runs that join has been delivered. What is sent again until then is dropped.
    const { runIds, after } = this.#settings;
    if (runIds !== null && this.#lastEventId !== after) {
      this.#target.url.searchParams.delete("new");
    }
    await connection.waitForPlace((cause) => {
      this.#cause = cause;
      this.#turnTo("waiting");
    });
    if (this.#phase === "waiting") this.#turnTo("connecting");
    const isOpen = await connection.open(this.#lastEventId);
    if (this.#ended !== null) return;
    if (!isOpen) return this.#end({ reason: "nothing_left" });
    this.#connections++;
    this.#cause = null;
    this.#turnTo("live");
  }

  /** The next event to deliver, of those that have arrived. */
  #take(): StreamEvent | undefined {
    for (let arrival; (arrival = this.#connection?.take()) !== undefined;) {
      const event = this.#read(arrival);
      if (event?.event_type === "bus.live") this.#tell(this.#settings.onCaughtUp);
      else if (event !== undefined && this.#isNew(event)) return event;
    }
    return undefined;
  }

  /** The event of an arrival; undefined if it has none. Reports what can't be read. */
  #read(arrival: Arrival): StreamEvent | undefined {
    if (arrival instanceof ClientError) return this.#refuse(arrival);
    if (!("data" in arrival)) return this.#moveTo(arrival.lastEventId);
    try {
      return readEvent(this.#target.purpose, arrival, this.#settings.validate);
    } catch (error) {
      if (error instanceof ClientError && error.code === "bad_event") return this.#refuse(error);
      throw error;
    }
  }

  /**
   * Sets the cursor. Only what is taken moves it, because what has arrived after it is lost with the connection. A
   * server without ids leaves it where it is.
   */
  #moveTo(id: string): undefined {
    if (isLastEventId(id)) this.#lastEventId = id;
    else {
      const message =
        `${this.#target.purpose}: the server sent an id that cannot be sent back: it must have ` +
        `${LAST_EVENT_ID_RULE}, got ${describe(id)}`;
      dropRejection(this.#settings.onError(new ClientError("bad_id", message)));
    }
  }

  /** Skips a message that can't be read. */
  #refuse(error: ClientError): undefined {
    this.#counts.invalidEvents++;
    dropRejection(this.#settings.onError(error));
  }

  /** Counts an event of any type, and acts on the bus's own. */
  #isNew(event: StreamEvent): boolean {
    if (!this.#delivered.add(event)) {
      this.#counts.duplicates++;
      return false;
    }
    this.#counts.events++;
    // A server that starts over each time makes no progress.
    if (isRestart(event)) this.#counts.restarts++;
    else this.#retries.succeeded();
    if (event.event_type === "bus.end" && this.#isLast(event.run_id)) {
      this.#end({ reason: "closed" });
    }
    if (event.event_type === "bus.gap") {
      const { count, to_seq: to } = event.data;
      // Of several runs, a gap says what is missing at most: what was delivered already isn't.
      const missing = isRestart(event) ? count : Math.min(count, to - this.#delivered.before);
      // No schema has checked them.
      if (Number.isSafeInteger(missing) && missing > 0) this.#counts.missedEvents += missing;
    }
    return true;
  }

  /** Whether the end of a run is that of all that is followed. */
  #isLast(runId: string): boolean {
    const { runIds } = this.#settings;
    if (runIds === null) return true;
    this.#over.add(runId);
    return runIds.every((runId) => this.#over.has(runId));
  }

  /** Waits for the next attempt, or fails. */
  async #recover(error: unknown): Promise<void> {
    // Leaving and aborting have closed the connection, so this error is not a failure.
    if (this.#ended !== null) return;
    this.#connection?.close();
    this.#connection = null;
    if (!(error instanceof ClientError) || !mayPass(error)) return this.#fail(error);
    this.#cause = error;
    // Another stream has taken the place. This one queues again.
    if (error.code === "crowded") return;
    this.#waitMs = this.#isHurried ? 0 : this.#failed(error);
    this.#isHurried = false;
    this.#wait = new AbortController();
    this.#turnTo("waiting");
    await this.#whileAwake(pause(this.#waitMs, this.#wait.signal));
    this.#waitMs = null;
  }

  #failed(cause: ClientError): number {
    try {
      return this.#retries.failed(cause) ?? this.#fail(cause);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    this.#end({ reason: "failed", error });
    throw error;
  }

  /** Ends the iteration and frees everything, once. */
  #end(ended: FollowEnd): void {
    if (this.#ended !== null) return;
    this.#ended = Object.freeze(ended);
    const error = ended.reason === "failed" ? ended.error : null;
    this.#cause = error instanceof ClientError ? error : null;
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    this.#connection?.close();
    this.#connection = null;
    this.#wait?.abort();
    this.#turnTo("ended");
  }

  #turnTo(phase: FollowPhase): void {
    this.#phase = phase;
    this.#tell(() => this.#settings.onState(this.state));
  }

  /** Calls what shows how it stands. A broken status line must not end the iteration. */
  #tell(show: () => unknown): void {
    try {
      dropRejection(show());
    } catch { /* as said */ }
  }
}
