/**
 * The server's time, as far as a page can tell it.
 *
 * @module
 */

/** A clock that goes by live events. */
export class ServerClock {
  /** The server's clock minus ours; less than two seconds is how long events take. */
  leadMs = 0;
  #bestLeadMs = -Infinity;
  #heardAt = Date.now();

  /** The server's time now. */
  get now(): number {
    return Date.now() + this.leadMs;
  }

  /** Notes that the server was heard of. */
  hear(): void {
    this.#heardAt = Date.now();
  }

  /** Reads a live event: the one that took the shortest way tells the time best. */
  read(timestamp: string): void {
    const lead = Date.parse(timestamp) - Date.now();
    if (Number.isNaN(lead)) return;
    this.#bestLeadMs = Math.max(this.#bestLeadMs, lead);
    this.leadMs = Math.abs(this.#bestLeadMs) > 2_000 ? this.#bestLeadMs : 0;
  }

  /** Up to when a page knows what has happened: now, while it is connected. */
  horizon(isConnected: boolean): number {
    return (isConnected ? Date.now() : this.#heardAt) + this.leadMs;
  }
}
