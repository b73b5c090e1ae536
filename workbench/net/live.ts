/**
 * The one connection of the page: the stream of all runs, or of one where not all may be read. It comes back
 * by itself, and says at each moment how it is.
 *
 * @module
 */
import { ClientError } from "../../src/client/client_error.ts";
import type { FollowFailure } from "../../src/client/follow_options.ts";
import { followRun } from "../../src/client/follow_run.ts";
import type { FollowedRun } from "../../src/client/followed_run.ts";
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
  readonly #stop = new AbortController();
  readonly #follow: FollowedRun;
  #batch: StreamEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #awakeAt = Date.now();
  readonly #pulse: ReturnType<typeof setInterval>;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { signal } = this.#stop;
    this.#follow = followRun(options.url, {
      signal,
      maxBlockLength: MAX_BLOCK,
      onError: () => {},
      retry: soonAtFirst,
      onState: (state) => !signal.aborted && this.#onState(state),
    });
    this.#pulse = setInterval(this.#onPulse, PULSE_MS);
    options.onState({ kind: "connecting", since: Date.now() });
    void this.#run();
  }

  /** Leaves. */
  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
  }

  /** Ends the wait for the next attempt. */
  retryNow(): void {
    this.#follow.retryNow();
  }

  /** A machine may sleep and wake without hiding the page or going offline, but its clock jumps. */
  readonly #onPulse = (): void => {
    const pausedMs = Date.now() - this.#awakeAt;
    this.#awakeAt = Date.now();
    if (pausedMs > ASLEEP_MS) this.retryNow();
  };

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const event of this.#follow) this.#take(event);
      if (!signal.aborted) this.#options.onState({ kind: "closed", status: 204 });
    } catch (error) {
      if (signal.aborted) return;
      const status = error instanceof ClientError ? error.status ?? 0 : 0;
      this.#options.onState({ kind: "closed", status });
    }
  }

  #onState({ phase, failures, waitMs }: FollowState): void {
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

/**
 * A restarted server is back soon, so the first attempts are, too. A server that asks for longer than usual has too
 * many streams of this client.
 */
function soonAtFirst({ failures, waitMs }: FollowFailure): number {
  if (failures > 2) return Math.min(waitMs, MAX_WAIT_MS);
  return waitMs > USUAL_WAIT_MS ? waitMs : 250 * (failures + Math.random());
}

const PULSE_MS = 5_000;
const ASLEEP_MS = 20_000;
/** What servers ask for in `retry:`, and what is added to it twice. */
const USUAL_WAIT_MS = 8_000;
const MAX_WAIT_MS = 15_000;
const MAX_BLOCK = 4 * 1024 * 1024;
