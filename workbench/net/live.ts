/**
 * The one connection of the page: the stream of all runs, or of one where not all may be read. It comes back
 * by itself, and says at each moment how it is.
 *
 * @module
 */
import { ClientError } from "../../src/client/client_error.ts";
import type { FollowFailure } from "../../src/client/follow_options.ts";
import { followRun } from "../../src/client/follow_run.ts";
import type { FollowState } from "../../src/client/follow_state.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";

/** How the connection is. */
export type LiveState =
  | { readonly kind: "connecting"; readonly since: number }
  | { readonly kind: "live" }
  | {
    readonly kind: "reconnecting";
    /** When the next attempt begins, by `Date.now()`. */
    readonly retryAt: number;
    readonly attempt: number;
  }
  /** The stream is over and complete (204), or may not be read. */
  | { readonly kind: "closed"; readonly status: number };

/** Options of {@linkcode LiveConnection}. */
export interface LiveOptions {
  readonly url: URL;
  /** The connection stands. What was missed before has to be asked for now. */
  onOpen(): void;
  onEvents(events: readonly StreamEvent[]): void;
  onState(state: LiveState): void;
}

/** Connects, again and again, until it is closed or the server says that there is nothing to come back for. */
export class LiveConnection {
  readonly #options: LiveOptions;
  #follow = new AbortController();
  #after: string | null = null;
  #batch: StreamEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWaiting = false;
  #isLive = false;
  #awakeAt = Date.now();
  readonly #pulse: ReturnType<typeof setInterval>;

  constructor(options: LiveOptions) {
    this.#options = options;
    document.addEventListener("visibilitychange", this.#onVisible);
    addEventListener("online", this.retryNow);
    this.#pulse = setInterval(this.#onPulse, PULSE_MS);
    options.onState({ kind: "connecting", since: Date.now() });
    void this.#run();
  }

  /** Leaves. */
  close(): void {
    this.#follow.abort();
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    document.removeEventListener("visibilitychange", this.#onVisible);
    removeEventListener("online", this.retryNow);
  }

  /** Ends the wait for the next attempt: somebody looks, or the network is back. */
  readonly retryNow = (): void => {
    if (this.#isWaiting) this.#comeBack();
  };

  readonly #onVisible = (): void => {
    if (document.visibilityState !== "visible") return;
    this.retryNow();
    this.#onPulse();
  };

  /** A machine that slept has lost its connections, and nothing says so; but its clock has jumped. */
  readonly #onPulse = (): void => {
    // The timers of a page that nobody looks at stand still as well, and its connection lives.
    if (document.visibilityState !== "visible") return;
    const pausedMs = Date.now() - this.#awakeAt;
    this.#awakeAt = Date.now();
    if (pausedMs > ASLEEP_MS && this.#isLive) this.#comeBack();
  };

  #comeBack(): void {
    this.#follow.abort();
    this.#follow = new AbortController();
    void this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#follow;
    this.#isWaiting = false;
    const follow = followRun(this.#options.url, {
      after: this.#after,
      signal,
      maxBlockLength: MAX_BLOCK,
      // One message that is no event shall not end everything.
      onInvalid: () => {},
      retry: soonAtFirst,
      onState: (state) => !signal.aborted && this.#onState(state),
    });
    try {
      for await (const event of follow) {
        if (signal.aborted) return;
        this.#after = follow.state.lastEventId;
        this.#take(event);
      }
      if (!signal.aborted) this.#options.onState({ kind: "closed", status: 204 });
    } catch (error) {
      if (signal.aborted) return;
      const status = error instanceof ClientError ? error.status ?? 0 : 0;
      this.#options.onState({ kind: "closed", status });
    }
  }

  #onState({ phase, failures, waitMs }: FollowState): void {
    this.#isWaiting = phase === "waiting";
    this.#isLive = phase === "live";
    if (phase === "live") {
      this.#options.onOpen();
      this.#options.onState({ kind: "live" });
    } else if (phase === "waiting") {
      const retryAt = Date.now() + (waitMs ?? 0);
      this.#options.onState({ kind: "reconnecting", retryAt, attempt: failures });
    }
  }

  /** What arrives together is handed on together. */
  #take(event: StreamEvent): void {
    if (this.#batch.push(event) > 1) return;
    this.#timer = setTimeout(() => {
      const batch = this.#batch;
      this.#batch = [];
      this.#options.onEvents(batch);
    });
  }
}

/** A server that was restarted is back in no time; whoever is still not there is asked ever more seldom. */
function soonAtFirst({ failures, waitMs }: FollowFailure): number {
  return failures <= 2
    ? Math.min(waitMs, 250 * failures + Math.random() * 250)
    : Math.min(waitMs, MAX_WAIT_MS);
}

const PULSE_MS = 5_000;
const ASLEEP_MS = 20_000;
const MAX_WAIT_MS = 15_000;
const MAX_BLOCK = 4 * 1024 * 1024;
