import type { StreamEvent, Subscription } from "@locus/core";
import type { AnyEvent } from "../../harness/support/read.ts";
import { settle } from "./settings.ts";

type Result = IteratorResult<StreamEvent, undefined>;

/** A reader that reads a few events at a time, and comes back with nothing but the place where it was. */
export class Reconnecting {
  readonly #open: (after: string | null) => Subscription<StreamEvent>;
  readonly #onEvent: (event: AnyEvent) => void;
  #subscription: Subscription<StreamEvent> | null = null;
  #events: AsyncIterator<StreamEvent, undefined> | null = null;
  #next: Promise<Result> | null = null;
  /** Where it was last; null while it was nowhere. */
  place: string | null = null;

  /** Opens at once, and whenever it reads after it has left. */
  constructor(
    open: (after: string | null) => Subscription<StreamEvent>,
    onEvent: (event: AnyEvent) => void,
  ) {
    this.#open = open;
    this.#onEvent = onEvent;
    this.#connect();
  }

  /** Takes up to so many events, of those that there are. */
  async read(count: number): Promise<void> {
    const { events, subscription } = this.#connect();
    for (let i = 0; i < count; i++) {
      this.#next ??= events.next();
      const result = await Promise.race([this.#next, settle().then(() => null)]);
      if (result === null) break;
      this.#next = null;
      if (result.done) return await this.leave();
      this.#onEvent(result.value as AnyEvent);
    }
    this.place = subscription.cursor;
  }

  /** Leaves, if it is there. */
  async leave(): Promise<void> {
    if (this.#subscription === null) return;
    this.place = this.#subscription.cursor;
    await this.#events?.return?.();
    await this.#next;
    this.#subscription = this.#events = this.#next = null;
  }

  async reconnect(): Promise<void> {
    await this.leave();
    this.#connect();
  }

  #connect(): {
    subscription: Subscription<StreamEvent>;
    events: AsyncIterator<StreamEvent, undefined>;
  } {
    const subscription = this.#subscription ??= this.#open(this.place);
    const events = this.#events ??= subscription[Symbol.asyncIterator]();
    this.place ??= subscription.cursor;
    return { subscription, events };
  }
}
