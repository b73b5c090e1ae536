import type { SubscriptionEnd } from "./bus.ts";
import { LogPosition, type PositionOptions } from "../log/log_position.ts";
import type { Source } from "./sources.ts";
import { passReader, type StreamReader, unwatchReader, watchReader } from "../log/stream_reader.ts";

export interface ReaderOptions extends PositionOptions {
  readonly signal: AbortSignal | undefined;
}

/**
 * A reader as the bus holds it. Unless it waits for an event, nothing here leads to the stream of a subscription:
 * one that was dropped without being cancelled is collected, and gives its place back.
 */
export class LogReader<T> extends LogPosition<T> implements StreamReader<T> {
  ended: SubscriptionEnd | null = null;
  /** Of all runs: the cursor after each event of the last batch. */
  cursors: string[] | undefined;
  readonly #source: Source;
  readonly #signal: AbortSignal | undefined;

  constructor(source: Source, options: ReaderOptions) {
    super(source, options);
    this.#source = source;
    this.#signal = options.signal;
  }

  get runId(): string {
    return this.log.name;
  }

  takeAll(max: number): readonly T[] | undefined {
    this.cursors = this.runId === "*" ? [] : undefined;
    const dense = this.cursors === undefined ? this.takeDense(max) : undefined;
    if (dense !== undefined) return dense;
    let event = this.take();
    if (event === undefined) return undefined;
    const batch: T[] = [];
    while (event !== undefined) {
      batch.push(event);
      this.cursors?.push(this.cursor);
      event = batch.length < max ? this.take() : undefined;
    }
    return batch;
  }

  begin(owner?: object): void {
    this.#source.join(this);
    watchReader(this.#cancel, this.#signal, owner);
  }

  passTo(owner: object): void {
    passReader(this.#cancel, owner);
  }

  release(how: SubscriptionEnd): void {
    if (this.ended !== null) return;
    this.ended = how;
    unwatchReader(this.#cancel, this.#signal);
    this.#source.leave(this);
    this.stop();
  }

  readonly finish = (): void => {
    if (this.log.ended !== null) this.release(this.log.ended);
  };

  readonly #cancel = (): void => this.release("cancelled");
}
