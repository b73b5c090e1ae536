import { formatEventId, parseEventId } from "../../events/identifiers.ts";
import type { Recovery, SubscriptionEnd } from "./bus.ts";
import { EventLog } from "../log/event_log.ts";
import { LogReader, type ReaderOptions } from "./log_reader.ts";
import type { Sources } from "./sources.ts";

export interface MergedReaderOptions extends ReaderOptions {
  /** The position that it came with; until it has taken something, that is still what it has. */
  readonly after: string | null;
  readonly sources: Pick<Sources, "epoch" | "isOrderKnown" | "completeTo">;
}

/**
 * Reads the logs of several runs as one, in the order in which the bus took the events. Each run is read from its own
 * position, so a busy run doesn't make the others lag. The reader itself belongs to a log that stays empty.
 *
 * When a run ends, the others go on. When the bus evicts one, or starts it or the order of all runs again, the whole reader
 * ends: otherwise its position would move past the events of that run's next epoch. A reader that comes back with the position is told.
 */
export class MergedReader<T> extends LogReader<T> {
  readonly runs: readonly LogReader<T>[];
  readonly #options: MergedReaderOptions;
  // Up to where everything was taken, since something was.
  #order: number | undefined;
  #epoch: string;

  constructor(readers: readonly LogReader<T>[], options: MergedReaderOptions) {
    super({
      log: new EventLog("*", 1),
      start: { cursor: 0, recovery: "none" },
      join: () => readers.forEach((reader) => reader.begin()),
      leave: () => readers.forEach((reader) => reader.release(this.ended!)),
    }, options);
    this.runs = readers;
    this.#options = options;
    this.#epoch = options.sources.epoch;
    this.#settle();
  }

  override get recovery(): Recovery {
    const how = this.runs.map(({ recovery }) => recovery);
    return (["restarted", "gap", "exact"] as const).find((one) => how.includes(one)) ?? "none";
  }

  override get cursor(): string {
    this.#settle();
    return this.#order === undefined
      ? this.#options.after ?? formatEventId(this.#epoch, 0)
      : formatEventId(this.#epoch, this.#order);
  }

  override get caughtUp(): Promise<void> {
    return Promise.all(this.runs.map(({ caughtUp }) => caughtUp)).then(() => {});
  }

  override get atEnd(): boolean {
    return this.stopped || this.#isForgotten ||
      this.runs.every(({ ended, atEnd }) => ended !== null || atEnd);
  }

  override take(): T | undefined {
    const { sources } = this.#options;
    this.#settle();
    while (!this.#isForgotten && this.ended === null) {
      let next: LogReader<T> | undefined;
      let least = Infinity;
      for (const reader of this.runs) {
        const order = reader.seek();
        if (order >= least) continue;
        next = reader;
        least = order;
      }
      if (next === undefined) return this.#rest();
      // Another run may have something that comes before it.
      if (least > sources.completeTo(this.runs, next, least)) return undefined;
      const event = next.take();
      if (least >= 0) this.#moveTo(least);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  override park(resume: () => void): void {
    super.park(resume);
    for (const reader of this.runs) {
      if (reader.ended === null && reader.parkIndex === -1) reader.park(this.#wake);
    }
  }

  override unpark(): void {
    super.unpark();
    for (const reader of this.runs) reader.unpark();
  }

  override release(how: SubscriptionEnd): void {
    // What is pending can't be told any more when its runs have been left.
    this.#settle();
    super.release(how);
  }

  override readonly finish = (): void => {
    this.release(this.#isForgotten ? "evicted" : "closed");
  };

  /** Whether a run was forgotten that may go on, or the order in which this reads. */
  get #isForgotten(): boolean {
    const { epoch, isOrderKnown } = this.#options.sources;
    if (this.#order !== undefined && isOrderKnown && epoch !== this.#epoch) return true;
    return this.runs.some(({ isRestarted, log }) => isRestarted || log.ended === "evicted");
  }

  /** Finds out where it is: where it came from, or before all that is pending. */
  #settle(): void {
    if (this.#order !== undefined || this.ended !== null) return;
    const { after, sources } = this.#options;
    const isKnown = sources.isOrderKnown && this.#isPlaced && !this.#isForgotten &&
      this.recovery !== "restarted";
    if (!isKnown) return;
    if (after !== null) {
      ({ epoch: this.#epoch, seq: this.#order } = parseEventId(after)!);
    } else {
      const next = Math.min(...this.runs.map((reader) => reader.seek()));
      this.#moveTo(Math.max(0, Math.min(next - 1, sources.completeTo(this.runs))));
    }
  }

  get #isPlaced(): boolean {
    return this.runs.every(({ log }) => !log.isFilling);
  }

  /** Nothing is pending: everything that the bus has taken so far was taken here, or is of no concern. */
  #rest(): undefined {
    for (const reader of this.runs) {
      // Who waits until it has caught up is told.
      reader.take();
      if (reader.atEnd) reader.finish();
    }
    const order = this.#options.sources.completeTo(this.runs);
    if (order > 0 && this.#isPlaced) this.#moveTo(order);
  }

  #moveTo(order: number): void {
    const { epoch } = this.#options.sources;
    // Numbers of another epoch are another store's.
    this.#order = epoch === this.#epoch ? Math.max(this.#order ?? 0, order) : order;
    this.#epoch = epoch;
  }

  readonly #wake = (): void => {
    this.log.unpark(this);
    this.wake();
  };
}
