import { bytesOf, type LostWork, type NewEvent, sizeOf, type Work } from "./work.ts";

export interface PendingOptions {
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
}

/**
 * What waits to be stored, of all runs, in the order in which it came. When it is full, events that come are lost: they are
 * counted, and their count waits in the place where they would be.
 */
export class Pending {
  readonly #options: PendingOptions;
  #works: Work[] = [];
  // How many of the works are being stored: these do not change any more.
  #taken = 0;
  #events = 0;
  #bytes = 0;
  readonly #lost: Map<string, number> = new Map();

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#works.length === 0 && this.#lost.size === 0;
  }

  hasRoom(bytes: number): boolean {
    const { maxPendingEvents, maxPendingBytes } = this.#options;
    return this.#events < maxPendingEvents &&
      this.#bytes + bytes <= maxPendingBytes;
  }

  /** Leaves an event; false if it is lost. */
  add(runId: string, event: NewEvent): boolean {
    const { bytes } = event.captured;
    if (!this.hasRoom(bytes)) {
      const before = this.#lost.get(runId);
      if (before !== undefined || this.#lost.size < MAX_RUNS) {
        this.#lost.set(runId, (before ?? 0) + 1);
      }
      return false;
    }
    const last = this.#works.at(-1);
    const isOpen = last?.kind === "events" && last.runId === runId &&
      this.#works.length > this.#taken && last.events.length < MAX_EVENTS &&
      !this.#lost.has(runId);
    if (!isOpen) {
      this.push({ kind: "events", runId, events: [event], state: null });
    } else {
      last.events.push(event);
      this.#events++;
      this.#bytes += bytes;
    }
    return true;
  }

  /** Leaves anything; the caller has looked whether there is room. */
  push(work: Work): void {
    this.#sayLost(work.runId);
    this.#events += sizeOf(work);
    this.#bytes += bytesOf(work);
    this.#works.push(work);
  }

  /** What is to be stored next, as one: the same until it is {@linkcode done}. */
  take(): readonly Work[] {
    if (this.#taken === 0) {
      // Nothing more of these runs waits before what was lost of them.
      if (this.#works.length === 0) {
        for (const runId of this.#lost.keys()) this.#sayLost(runId);
      }
      let events = 0;
      let bytes = 0;
      for (const work of this.#works) {
        events += sizeOf(work);
        bytes += bytesOf(work);
        if (this.#taken > 0 && (events > MAX_EVENTS || bytes > MAX_BYTES)) {
          break;
        }
        this.#taken++;
      }
    }
    return this.#works.slice(0, this.#taken);
  }

  /** What was taken is stored, or will never be. */
  done(): readonly Work[] {
    const works = this.#works.splice(0, this.#taken);
    this.#taken = 0;
    for (const work of works) {
      this.#events -= sizeOf(work);
      this.#bytes -= bytesOf(work);
    }
    return works;
  }

  /** What will never be stored. */
  end(): readonly Work[] {
    this.#lost.clear();
    this.#taken = this.#works.length;
    return this.done();
  }

  #sayLost(runId: string): void {
    const count = this.#lost.get(runId);
    if (count === undefined) return;
    this.#lost.delete(runId);
    const lost: LostWork = { kind: "lost", runId, count, state: null, seq: 0, order: 0 };
    this.#events += sizeOf(lost);
    this.#works.push(lost);
  }
}

// What one transaction stores at most: some milliseconds.
const MAX_EVENTS = 1_000;
const MAX_BYTES = 2 * 1024 * 1024;
// Runs of which it is remembered how much was lost.
const MAX_RUNS = 10_000;
