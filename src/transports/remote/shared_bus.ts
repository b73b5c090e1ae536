import type { NoEvents } from "../../events/stream_event.ts";
import type { AppendingBus } from "../../core/bus/bus.ts";

/** Options of closing a {@linkcode SharedBus}. */
export interface CloseOptions {
  /** How long to wait for what was published to be stored at most, in milliseconds. @default {5000} */
  timeoutMs?: number;
}

/** A bus whose runs are kept by a server, so that several processes share them. */
export interface SharedBus<E extends object = NoEvents> extends AppendingBus<E>, AsyncDisposable {
  /**
   * Resolves when everything that was published here so far is stored, refused or lost. Never rejects; while the
   * server cannot be reached, it waits.
   */
  flushed(): Promise<void>;
  /**
   * Stores what was published, ends all readers of this process, and gives back the connections that the bus has
   * opened. The runs stay where they are.
   *
   * - **What does not get there in time** is lost, and counted.
   *
   * @throws {RangeError} If `timeoutMs` is not a whole number of at least 0.
   */
  close(options?: CloseOptions): Promise<void>;
}
