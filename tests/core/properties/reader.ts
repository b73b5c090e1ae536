import type { StreamEvent, Subscription } from "@locus/core";
import type { AnyEvent } from "../../harness/support/read.ts";
import type { Via } from "./program.ts";

/** What a reader was given for one request: events and gaps, or why there are none. */
export type Answer = readonly AnyEvent[] | "end" | "released";

/** Where a reader began, and what it wants. */
export interface Start {
  /** The index of its run, or null for all of them. */
  readonly run: number | null;
  readonly from: "history" | "live";
  readonly after: string | null;
  readonly select: string | readonly string[] | undefined;
  /** How many events had been published then, of all runs. */
  readonly joinedAt: number;
  /** Its place in the log, where it says so. */
  readonly at: number | null;
}

/** A subscription, read in one way after the other. */
export class Reader {
  readonly subscription: Subscription<StreamEvent>;
  readonly start: Start;
  /** Requests that are not answered. */
  asked = 0;
  hasLeft = false;
  via: Via;
  // In the order of the requests, in whichever they were answered.
  readonly #answers: (Answer | null)[] = [];
  readonly #abort: AbortController;
  #events: AsyncIterator<StreamEvent> | null = null;
  #batches: AsyncIterator<readonly StreamEvent[]> | null = null;
  #stream: ReadableStreamDefaultReader<StreamEvent> | null = null;

  constructor(
    subscription: Subscription<StreamEvent>,
    start: Start,
    via: Via,
    abort: AbortController,
  ) {
    this.subscription = subscription;
    this.start = start;
    this.via = via;
    this.#abort = abort;
    this.#open();
  }

  get run(): number | null {
    return this.start.run;
  }

  get select(): Start["select"] {
    return this.start.select;
  }

  /** What it was given for its requests, in their order. */
  get answers(): Answer[] {
    return this.#answers.filter((answer) => answer !== null);
  }

  /** Everything that it was given, batches taken apart. */
  get events(): AnyEvent[] {
    return this.answers.flatMap((answer) => typeof answer === "string" ? [] : answer);
  }

  /** Asks for the next of what it reads, `count` times, without waiting for answers. */
  read(count: number): void {
    for (let i = 0; i < count; i++) {
      this.asked++;
      const place = this.#answers.push(null) - 1;
      const done = (answer: Answer) => {
        this.asked--;
        this.#answers[place] = answer;
      };
      if (this.#events !== null) {
        this.#events.next().then((next) => done(next.done ? "end" : [next.value as AnyEvent]));
      } else if (this.#batches !== null) {
        this.#batches.next().then((next) => done(next.done ? "end" : next.value as AnyEvent[]));
      } else {
        this.#stream!.read().then(
          (next) => done(next.done ? "end" : [next.value as AnyEvent]),
          () => done("released"),
        );
      }
    }
  }

  /** Whether it can stop reading in one way without leaving, and go on in another. */
  get canHandOver(): boolean {
    return !this.hasLeft && (this.via === "iterator" || this.via === "stream");
  }

  handOver(via: Via): void {
    this.#release();
    this.via = via;
    this.#open();
  }

  leave(how: "return" | "abort"): void {
    this.hasLeft = true;
    if (how === "abort") this.#abort.abort();
    else if (this.via === "loop") void this.#events!.return?.();
    else if (this.via === "batches") void this.#batches!.return?.();
    else if (this.via === "stream") void this.#stream!.cancel();
    else {
      this.#release();
      void this.subscription.cancel();
    }
  }

  #release(): void {
    if (this.via === "stream") this.#stream!.releaseLock();
    else void this.#events!.return?.();
  }

  #open(): void {
    this.#events = this.#batches = this.#stream = null;
    const { subscription, via } = this;
    if (via === "batches") this.#batches = subscription.batches();
    else if (via === "stream") this.#stream = subscription.getReader();
    else this.#events = subscription.values({ preventCancel: via === "iterator" });
  }
}
