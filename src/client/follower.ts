import { delay } from "@std/async";
import { describe } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { backoffMs } from "./backoff.ts";
import { ClientError, mayPass } from "./client_error.ts";
import { Connection } from "./connection.ts";
import { Delivered, isRestart } from "./delivered.ts";
import type { FollowedRun } from "./follow_run.ts";
import type { FollowSettings } from "./follow_options.ts";
import type { FollowEnd, FollowPhase, FollowState } from "./follow_state.ts";
import { readEvent } from "./read_event.ts";
import type { Target } from "./request.ts";

/**
 * Delivers one run over as many connections as it takes.
 *
 * Everything happens inside `next()`: whoever does not ask holds no timer and reads nothing, and what the
 * user hands in is called where the reader is. The exceptions are leaving and aborting, which close the
 * connection at once.
 */
export class Follower<E extends object> implements FollowedRun<E> {
  readonly #target: Target;
  readonly #settings: FollowSettings;
  readonly #delivered = new Delivered();
  // Aborted when it is over, so that nobody waits on.
  readonly #over = new AbortController();
  #connection: Connection | null = null;
  #connectedAt = 0;
  #retryMs: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  #phase: FollowPhase = "idle";
  #ended: FollowEnd | null = null;
  #lastEventId: string | null;
  #connections = 0;
  #failures = 0;
  #cause: ClientError | null = null;
  #waitMs: number | null = null;
  readonly #counts = { events: 0, missedEvents: 0, restarts: 0, duplicates: 0, invalidEvents: 0 };

  constructor(target: Target, settings: FollowSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#lastEventId = settings.after;
  }

  get state(): FollowState {
    return Object.freeze({
      phase: this.#phase,
      ended: this.#ended,
      lastEventId: this.#lastEventId,
      reconnects: Math.max(0, this.#connections - 1),
      failures: this.#failures,
      cause: this.#cause,
      waitMs: this.#waitMs,
      ...this.#counts,
    });
  }

  /** Callers that do not wait for each other are served one after another. */
  next(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    const result = this.#turn.then(() => this.#advance());
    this.#turn = result.catch(() => {});
    return result;
  }

  return(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    this.#end({ reason: "left" });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #advance(): Promise<IteratorResult<StreamEvent<E>, undefined>> {
    if (this.#phase === "idle") this.#begin();
    while (this.#ended === null) {
      try {
        const event = this.#take();
        if (event !== undefined) return { done: false, value: event };
        if (this.#connection === null) await this.#connect();
        else await this.#connection.read();
      } catch (error) {
        await this.#recover(error);
      }
    }
    return { done: true, value: undefined };
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
      onRetry: (retryMs) => void (this.#retryMs = retryMs),
    });
    this.#connection = connection;
    const isOpen = await connection.open(this.#lastEventId);
    if (this.#ended !== null) return;
    if (!isOpen) return this.#end({ reason: "nothing_left" });
    this.#connections++;
    this.#connectedAt = performance.now();
    this.#cause = null;
    this.#turnTo("live");
  }

  /** The next event that is to be delivered, of those that have arrived. */
  #take(): StreamEvent<E> | undefined {
    for (
      let arrival = this.#connection?.take();
      arrival !== undefined;
      arrival = this.#connection?.take()
    ) {
      // A server that gives no ids leaves the place as it is. Only what is taken moves it: what has arrived
      // behind it is lost with the connection.
      if (!("data" in arrival)) {
        if (arrival.lastEventId.length <= MAX_ID_LENGTH) this.#lastEventId = arrival.lastEventId;
        continue;
      }
      let event: StreamEvent<E>;
      try {
        event = readEvent<E>(this.#target.purpose, arrival, this.#settings.validate);
      } catch (error) {
        this.#skip(error);
        continue;
      }
      if (this.#isNew(event)) return event;
    }
    return undefined;
  }

  /** Counts the event, whatever its type, and acts on what it says of the stream. */
  #isNew(any: StreamEvent<E>): boolean {
    const event = any as StreamEvent;
    if (!this.#delivered.add(event)) {
      this.#counts.duplicates++;
      return false;
    }
    this.#failures = 0;
    this.#counts.events++;
    if (event.event_type === "bus.gap") {
      // What no schema has checked may be anything.
      if (event.data.count > 0) this.#counts.missedEvents += event.data.count;
      if (isRestart(event)) this.#counts.restarts++;
    } else if (event.event_type === "bus.end") this.#end({ reason: "closed" });
    return true;
  }

  #skip(error: unknown): void {
    const { onInvalid } = this.#settings;
    const isInvalid = error instanceof ClientError && error.code === "bad_event";
    if (!isInvalid || onInvalid === undefined) throw error;
    this.#counts.invalidEvents++;
    onInvalid(error);
  }

  /** Waits for the next attempt, if there is to be one. */
  async #recover(error: unknown): Promise<void> {
    // Whoever has left, or was aborted, has closed what failed now.
    if (this.#ended !== null) return;
    const wasLive = this.#phase === "live";
    this.#connection?.close();
    this.#connection = null;
    if (!(error instanceof ClientError) || !mayPass(error)) return this.#fail(error);
    this.#cause = error;
    // A run in which nothing happens is no failure.
    if (wasLive && performance.now() - this.#connectedAt >= STEADY_MS) this.#failures = 0;
    const failures = ++this.#failures;
    const proposedMs = backoffMs(failures, error.retryAfterMs ?? this.#retryMs, Math.random());
    const waitMs = this.#askToRetry({ cause: error, failures, waitMs: proposedMs });
    if (waitMs === null) return this.#fail(error);
    this.#waitMs = waitMs;
    this.#turnTo("waiting");
    await delay(waitMs, { signal: this.#over.signal }).catch(() => {});
    this.#waitMs = null;
  }

  #askToRetry(failure: Parameters<FollowSettings["retry"]>[0]): number | null {
    let waitMs: number | null;
    try {
      waitMs = this.#settings.retry(failure);
    } catch (error) {
      return this.#fail(error);
    }
    if (waitMs === null || (typeof waitMs === "number" && waitMs >= 0)) return waitMs;
    return this.#fail(
      new TypeError(
        `followRun(): "retry" must return milliseconds or null, got ${describe(waitMs)}`,
      ),
    );
  }

  #fail(error: unknown): never {
    this.#end({ reason: "failed", error });
    throw error;
  }

  /** Gives everything back, once. */
  #end(ended: FollowEnd): void {
    if (this.#ended !== null) return;
    this.#ended = Object.freeze(ended);
    const error = ended.reason === "failed" ? ended.error : null;
    this.#cause = error instanceof ClientError ? error : null;
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    this.#connection?.close();
    this.#connection = null;
    this.#over.abort();
    this.#turnTo("ended");
  }

  #turnTo(phase: FollowPhase): void {
    this.#phase = phase;
    try {
      this.#settings.onState(this.state);
    } catch { /* a status line is no reason to lose a run */ }
  }
}

// Past it, no header would be taken by a server. An `event_id` has at most 49 characters.
const MAX_ID_LENGTH = 256;

/** A connection that has lasted so long did what it was there for. */
const STEADY_MS = 10_000;
