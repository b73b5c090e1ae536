import type { Recovery, Subscription, SubscriptionEnd } from "@locus/core";
import type { WireEvent } from "@locus/core/sse";

/** A subscription that delivers the given batches, or fails where an error stands among them. */
export class FakeSubscription extends ReadableStream<WireEvent> implements Subscription<WireEvent> {
  readonly runId = "r";
  readonly recovery: Recovery = "none";
  readonly cursor = "e-0";
  readonly caughtUp = Promise.resolve();
  ended: SubscriptionEnd | null = null;
  readonly #steps: Iterator<readonly WireEvent[] | Error>;

  constructor(steps: (readonly WireEvent[] | Error)[]) {
    super();
    this.#steps = steps.values();
  }

  async *batches(): AsyncGenerator<readonly WireEvent[], undefined> {
    for (let step = this.#steps.next(); !step.done; step = this.#steps.next()) {
      if (step.value instanceof Error) throw step.value;
      yield await Promise.resolve(step.value);
    }
    this.ended = "closed";
  }
}
