import { checkCount, checkOptions } from "../../core/options.ts";
import type { StreamedEvent, StreamHandler } from "./stream_handler.ts";

/** Options of {@linkcode BufferingHandler}. */
export interface BufferingHandlerOptions {
  /** How many events are kept; past that, the oldest goes. @default {10_000} */
  maxEvents?: number;
}

/** Keeps the events of a run: for tests, and for what looks at the whole of it afterwards. */
export class BufferingHandler implements StreamHandler {
  readonly #maxEvents: number;
  #events: StreamedEvent[] = [];
  #errors: unknown[] = [];
  #dropped = 0;
  #isComplete = false;

  /**
   * Makes the handler.
   *
   * @throws {RangeError} If `maxEvents` is not a whole number of at least 1.
   */
  constructor(options: BufferingHandlerOptions = {}) {
    checkOptions("BufferingHandler", options, ["maxEvents"]);
    this.#maxEvents = checkCount("BufferingHandler", "maxEvents", options.maxEvents ?? 10_000, 1);
  }

  /** The events that are kept, oldest first. */
  get events(): readonly StreamedEvent[] {
    return [...this.#events];
  }

  /** What the run failed with; the last 100. */
  get errors(): readonly unknown[] {
    return [...this.#errors];
  }

  /** How many events had to go. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the run came to its end, other than by an error. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Keeps the event. */
  onEvent(event: StreamedEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#maxEvents) {
      this.#events.shift();
      this.#dropped++;
    }
  }

  /** Notes the end. */
  onComplete(): void {
    this.#isComplete = true;
  }

  /** Keeps the error. */
  onError(error: unknown): void {
    if (this.#errors.push(error) > MAX_ERRORS) this.#errors.shift();
  }

  /** Forgets everything. */
  clear(): void {
    this.#events = [];
    this.#errors = [];
    this.#dropped = 0;
    this.#isComplete = false;
  }
}

const MAX_ERRORS = 100;
