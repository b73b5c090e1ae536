/**
 * Counts the publishes whose handlers have not finished, and rejects more than fit. A publisher that does not
 * wait, or that publishes to itself, would otherwise fill the memory.
 */
export class PendingPublishes {
  readonly #maxPublishes: number;
  readonly #maxBytes: number;
  #publishes = 0;
  #bytes = 0;

  constructor(maxPublishes: number, maxBytes: number) {
    this.#maxPublishes = maxPublishes;
    this.#maxBytes = maxBytes;
  }

  /** @throws {RangeError} If there is no room for one more. */
  checkRoom(): void {
    const problem = "Cannot publish event: publishes whose handlers have not finished";
    if (this.#publishes >= this.#maxPublishes) {
      throw new RangeError(`${problem} are ${this.#publishes} already (maxPendingPublishes)`);
    }
    if (this.#bytes >= this.#maxBytes) {
      throw new RangeError(`${problem} hold ${this.#bytes} bytes already (maxBytes)`);
    }
  }

  /** Counts a publish, with the size of its payload, until it is finished. */
  async hold(bytes: number, finished: Promise<void>): Promise<void> {
    this.#publishes++;
    this.#bytes += bytes;
    await finished;
    this.#publishes--;
    this.#bytes -= bytes;
  }
}
