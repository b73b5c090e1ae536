import type { Subscription } from "../bus/bus.ts";

/** What a subscription says of itself. */
export type ReaderState = Pick<
  Subscription<unknown>,
  "runId" | "runs" | "recovery" | "ended" | "cursor" | "cursors" | "caughtUp"
>;

/**
 * Reads a subscription without promises: for who writes as soon as the log has something. Who holds it need not hold the
 * subscription, which may be collected.
 */
export interface DirectReader<T> extends ReaderState {
  /** All that is pending, up to so many; undefined while there is nothing. */
  takeAll(max: number): readonly T[] | undefined;
  /** Whether nothing will come any more. */
  readonly atEnd: boolean;
  /** Calls back, once, when there may be something or the end. */
  park(resume: () => void): void;
  /** Leaves the subscription: at its end, or before. What waits is forgotten. */
  leave(): void | Promise<unknown>;
}

/** The method of a subscription that begins to read it so: it is locked from there on. */
export const readDirectly: unique symbol = Symbol("readDirectly");
