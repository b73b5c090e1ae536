import type { BusGap } from "../events/catalogue/mod.ts";
import type { Envelope } from "../events/stream_event.ts";
import { isPromiseLike } from "../runtime/promise_like.ts";
import type { EventLog } from "./event_log.ts";
import { LogPosition, type PositionOptions } from "./log_position.ts";
import type { Reader } from "./log_subscription.ts";

/** What the bus hands to a pump. */
export interface HandlerPumpOptions<T> extends PositionOptions {
  readonly handler: (event: T) => unknown;
  /** How many calls of the handler may be unfinished. */
  readonly concurrency: number;
  readonly onGap: (gap: Envelope<"bus.gap", BusGap>) => void;
  readonly onError: (error: unknown) => void;
  /** Called once, when it needs the log no more; with true if the log came to its end. */
  readonly onRelease: (pump: Reader, atEnd: boolean) => void;
}

/**
 * Calls a handler with the events of a log, in order, a few at a time. It waits for the log by a promise
 * that it asks for itself, so the handler always runs in the async context in which the pump was started:
 * a publisher's run cannot leak into it.
 */
export class HandlerPump<T> implements Reader {
  readonly position: LogPosition<T>;
  readonly #options: HandlerPumpOptions<T>;
  #running = 0;
  #waits = false;

  constructor(log: EventLog, options: HandlerPumpOptions<T>) {
    this.position = new LogPosition(log, options);
    this.#options = options;
  }

  get depth(): number {
    return this.position.depth + this.#running;
  }

  /** Begins, after the caller is done. */
  start(): void {
    this.#waits = true;
    Promise.resolve().then(this.#onChange);
  }

  /** Calls the handler no more. */
  stop(): void {
    if (this.position.stopped) return;
    if (this.#waits) this.position.log.leaveChange();
    this.#release(false);
  }

  readonly #onChange = (): void => {
    this.#waits = false;
    this.#drain();
  };

  #drain(): void {
    while (this.#running < this.#options.concurrency && !this.position.stopped) {
      const event = this.position.take();
      if (event === undefined) return this.#wait();
      this.#call(event);
    }
  }

  #wait(): void {
    if (this.position.atEnd) {
      // Whoever is told of the end may rely on all events being handled.
      if (this.#running === 0) this.#release(true);
    } else if (!this.#waits) {
      this.#waits = true;
      this.position.log.whenChanged().then(this.#onChange);
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
      // A promise of our own where it is none: somebody else's `then` may throw, or call back twice.
      Promise.resolve(result).then(this.#onDone, this.#onFailed);
    } catch (error) {
      onError(error);
    }
  }

  readonly #onDone = (): void => {
    this.#running--;
    this.position.log.progressed();
    this.#drain();
  };

  readonly #onFailed = (error: unknown): void => {
    this.#options.onError(error);
    this.#onDone();
  };

  #release(atEnd: boolean): void {
    if (this.position.stopped) return;
    this.position.stopped = true;
    this.#options.onRelease(this, atEnd);
    this.position.log.progressed();
  }
}

function isGap(event: unknown): event is Envelope<"bus.gap", BusGap> {
  return (event as { event_type: string }).event_type === "bus.gap";
}
