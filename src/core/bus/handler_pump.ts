import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Envelope } from "../../events/stream_event.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { nextTurn } from "../../runtime/next_turn.ts";
import type { SubscriptionEnd } from "./bus.ts";
import { LogReader, type ReaderOptions } from "./log_reader.ts";
import type { Source } from "./sources.ts";

export interface HandlerPumpOptions<T> extends ReaderOptions {
  readonly handler: (event: T) => unknown;
  readonly concurrency: number;
  readonly onGap: (gap: Envelope<"bus.gap", BusGap>) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Calls a handler with the events of a log, in order, a few at a time. It waits for the log by a promise
 * that it asks for itself, so the handler always runs in the async context in which the pump was started:
 * a publisher's run cannot leak into it.
 */
export class HandlerPump<T> extends LogReader<T> {
  readonly #options: HandlerPumpOptions<T>;
  #running = 0;
  #waits = false;
  // How much it did since the event loop has turned.
  #done = 0;

  constructor(source: Source, options: HandlerPumpOptions<T>) {
    super(source, options);
    this.#options = options;
  }

  override get depth(): number {
    return super.depth + this.#running;
  }

  /** Begins, after the caller is done. */
  override begin(): void {
    super.begin();
    this.#waits = true;
    Promise.resolve().then(this.#onChange);
  }

  override release(how: SubscriptionEnd): void {
    if (this.#waits && !this.stopped) this.log.change.leave();
    super.release(how);
  }

  readonly #onChange = (): void => {
    this.#waits = false;
    this.#drain();
  };

  #drain(): void {
    while (this.#running < this.#options.concurrency && !this.stopped) {
      if (this.#done >= MAX_DONE) return this.#rest();
      const event = this.take();
      if (event === undefined) return this.#wait();
      const { head } = this.log;
      this.#call(event);
      this.#done += this.log.head === head ? 1 : ECHO;
    }
  }

  /** Goes on when everything else had its turn: a handler that publishes what it handles would have no end. */
  #rest(): void {
    if (this.#waits) return;
    this.#waits = true;
    void nextTurn().then(() => {
      this.#done = 0;
      this.#onChange();
    });
  }

  #wait(): void {
    if (this.atEnd) {
      // At the end, all events must have been handled.
      if (this.#running === 0) this.finish();
    } else if (!this.#waits) {
      this.#waits = true;
      this.log.change.wait().then(this.#onChange);
    }
  }

  #call(event: T): void {
    const { handler, onError, onGap } = this.#options;
    try {
      if (isGap(event)) {
        const told: unknown = onGap(event);
        if (isPromiseLike(told)) Promise.resolve(told).catch(onError);
        return;
      }
      const result = handler(event);
      if (!isPromiseLike(result)) return;
      this.#running++;
      // A promise of our own, because another object's `then` may throw, or call back twice.
      Promise.resolve(result).then(this.#onDone, this.#onFailed);
    } catch (error) {
      onError(error);
    }
  }

  readonly #onDone = (): void => {
    this.#running--;
    this.log.progressed();
    this.#drain();
  };

  readonly #onFailed = (error: unknown): void => {
    this.#options.onError(error);
    this.#onDone();
  };
}

/** How much a pump does before the event loop turns: so many calls, or the hundredth part that publish themselves. */
const MAX_DONE = 10_000;
const ECHO = 100;

function isGap(event: unknown): event is Envelope<"bus.gap", BusGap> {
  return (event as { event_type: string }).event_type === "bus.gap";
}
