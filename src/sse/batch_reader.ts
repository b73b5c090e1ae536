import type { Subscription } from "../core/bus/bus.ts";
import { type DirectReader, readDirectly, type ReaderState } from "../core/log/direct_reader.ts";
import type { WireEvent } from "./encoder.ts";

/**
 * Reads a subscription for a writer: one of a bus of ours straight from the log, any other by its batches, and one whose
 * batches were replaced by what they were replaced with.
 *
 * @throws {TypeError} If somebody reads it.
 */
export function readSubscription(
  subscription: Subscription<WireEvent> & { [readDirectly]?(): DirectReader<WireEvent> },
): DirectReader<WireEvent> {
  const isOwn = !Object.hasOwn(subscription, "batches");
  return (isOwn ? subscription[readDirectly]?.() : undefined) ??
    new BatchReader(subscription, subscription.batches({ maxEvents: BATCH_EVENTS }));
}

/** Few events at a time: what a client that has stopped reading keeps from being freed is small. */
export const BATCH_EVENTS = 64;

type Taken = readonly WireEvent[];

/** Batches that are asked for one at a time. */
class BatchReader implements DirectReader<WireEvent> {
  readonly #subscription: ReaderState;
  readonly #batches: AsyncIterator<Taken>;
  #state: "idle" | "asking" | "over" = "idle";
  #batch: Taken | undefined;
  #failure: { error: unknown } | undefined;
  #resume: (() => void) | undefined;

  constructor(subscription: ReaderState, batches: AsyncIterator<Taken>) {
    this.#subscription = subscription;
    this.#batches = batches;
  }

  get runId(): string {
    return this.#subscription.runId;
  }

  get runs(): ReaderState["runs"] {
    return this.#subscription.runs;
  }

  get recovery(): ReaderState["recovery"] {
    return this.#subscription.recovery;
  }

  get ended(): ReaderState["ended"] {
    return this.#subscription.ended;
  }

  get cursor(): string {
    return this.#subscription.cursor;
  }

  get cursors(): ReaderState["cursors"] {
    return this.#subscription.cursors;
  }

  get caughtUp(): Promise<void> {
    return this.#subscription.caughtUp;
  }

  get atEnd(): boolean {
    return this.#state === "over" && this.#batch === undefined;
  }

  takeAll(): Taken | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch === undefined) this.#ask();
    return batch;
  }

  park(resume: () => void): void {
    this.#resume = resume;
  }

  leave(): Promise<unknown> | undefined {
    this.#state = "over";
    this.#batch = this.#resume = undefined;
    return this.#batches.return?.();
  }

  #ask(): void {
    if (this.#state !== "idle") return;
    this.#state = "asking";
    this.#batches.next().then(
      ({ done, value }) => this.#answer(done ? "over" : "idle", done ? undefined : value),
      (error) => {
        this.#failure = { error };
        this.#answer("over");
      },
    );
  }

  #answer(state: "idle" | "over", batch?: Taken): void {
    if (this.#state === "over") return;
    this.#state = state;
    this.#batch = batch;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
