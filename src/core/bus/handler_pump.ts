import type { BusGap } from "../../events/catalogue/bus.ts";
import type { Envelope } from "../../events/stream_event.ts";
import { dropRejection, isPromiseLike } from "../../runtime/promise_like.ts";
import { nextTurn } from "../../runtime/next_turn.ts";
import { cheapSnapshot } from "../../runtime/async_context.ts";
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
 * Calls a handler with the events of a log, in order, a few at a time, and always in the async context in which the
 * pump was started: a publisher's run cannot leak into it. Where entering a snapshot of that is cheap, the log wakes the
 * pump, which enters it; elsewhere the pump waits for a promise that it asks for itself.
 */
export class HandlerPump<T> extends LogReader<T> {
  readonly #options: HandlerPumpOptions<T>;
  readonly #handler: (event: T) => unknown;
  readonly #inContext = cheapSnapshot();
  #running = 0;
  #waits = false;
  // How much it did since the event loop has turned.
  #done = 0;

  constructor(source: Source, options: HandlerPumpOptions<T>) {
    super(source, options);
    this.#options = options;
    this.#handler = options.handler;
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
    if (this.#inContext === null && this.#waits && !this.stopped) this.log.change.leave();
    super.release(how);
  }

  readonly #onChange = (): void => {
    this.#waits = false;
    this.#drain();
  };

  #drain(): void {
    while (this.#running < this.#options.concurrency && !this.stopped) {
      if (this.#done >= MAX_DONE) return this.#rest();
      const { log } = this;
      const { head } = log;
      const entry = this.takeEntry();
      if (entry !== undefined) {
        this.#handle(entry.event as T);
      } else {
        const event = this.take();
        if (event === undefined) return this.#wait();
        if (isGap(event)) this.#tell(event);
        else this.#handle(event);
      }
      this.#done += log.head === head ? 1 : ECHO;
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
      if (this.#inContext === null) this.log.change.wait().then(this.#onChange);
      else this.park(this.#onWake);
    }
  }

  readonly #onWake = (): void => {
    // Somebody else than the log has something of its own to finish before a handler may run.
    if (this.log.isWaking) this.#inContext!(this.#onChange);
    else void Promise.resolve().then(() => this.#inContext!(this.#onChange));
  };

  #handle(event: T): void {
    const handler = this.#handler;
    try {
      const result = handler(event);
      if (result === undefined || !isPromiseLike(result)) return;
      this.#running++;
      // A promise of our own, because another object's `then` may throw, or call back twice.
      Promise.resolve(result).then(this.#onDone, this.#onFailed);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #tell(gap: Envelope<"bus.gap", BusGap>): void {
    const { onError, onGap } = this.#options;
    try {
      dropRejection(onGap(gap), onError);
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
