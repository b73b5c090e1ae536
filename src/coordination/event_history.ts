import type { AcceptedEvent } from "./accept_event.ts";
import type { CoordinationEvent } from "./coordination_event.ts";

/** The last events, bounded in number and in bytes. */
export class EventHistory {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  // The event of position p is at p modulo the bound, so nothing is ever moved.
  readonly #slots: (AcceptedEvent | undefined)[] = [];
  #tail = 0;
  #head = 0;
  #bytes = 0;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  /** How many events are held. */
  get size(): number {
    return this.#head - this.#tail;
  }

  /** Adds an event, and forgets the oldest until both bounds hold. */
  add(accepted: AcceptedEvent): void {
    if (this.size === this.#maxEvents) this.#dropOldest();
    this.#slots[this.#head++ % this.#maxEvents] = accepted;
    this.#bytes += accepted.bytes;
    while (this.#bytes > this.#maxBytes) this.#dropOldest();
  }

  /** The events that are held. */
  *newestFirst(): Generator<CoordinationEvent, void, undefined> {
    for (let position = this.#head - 1; position >= this.#tail; position--) {
      yield this.#slots[position % this.#maxEvents]!.event;
    }
  }

  #dropOldest(): void {
    const index = this.#tail++ % this.#maxEvents;
    this.#bytes -= this.#slots[index]!.bytes;
    this.#slots[index] = undefined;
  }
}
