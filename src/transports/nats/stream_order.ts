import type { Place } from "../remote/store.ts";
import { type Answer, numberOf, record } from "./api.ts";

/**
 * The order of all runs that a stream gives: each message has room for the numbers of its events, and one before them.
 * It counts from where the stream began, because the stream's own numbers are too large to be multiplied.
 */
export interface StreamOrder {
  readonly epoch: string;
  /** The number that the stream had before its first message. */
  readonly base: number;
}

/** How many numbers of the order a message takes. With 10,000 messages a second they last for seven years. */
export const ORDER_STEP = 4_096;
export const MAX_EVENTS = ORDER_STEP - 2;

/** The order that a stream gives, by what the server says of the stream. */
export function orderOfStream(info: Answer): StreamOrder {
  // Two streams of one name are never made in the same nanosecond.
  const epoch = String(info["created"]).replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 32);
  const first = firstNumberOf(info);
  const last = numberOf(record(info["state"])?.["last_seq"]);
  // A stream that was not made by a bus counts from 1.
  return { epoch, base: last >= first - 1 ? first - 1 : 0 };
}

/** Larger than all numbers of a stream that was made earlier, unless that took a million messages a second. */
export function firstNumberOf({ created }: Answer): number {
  // Some runtimes read no more than milliseconds.
  const ms = Date.parse(String(created).replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isSafeInteger(ms)) return 1_024 * ms;
  throw new Error("NATS: the server did not say when it made the stream");
}

/** The place behind the message with that number of the stream. */
export function placeBehind(order: StreamOrder | null, seq: number): Place {
  return order === null
    ? { epoch: "", order: 0 }
    : { epoch: order.epoch, order: (seq - order.base) * ORDER_STEP };
}

/** The stream's number of the last message that is wholly before a number of the order. */
export function seqBefore({ base }: StreamOrder, order: number): number {
  return base + Math.floor(order / ORDER_STEP);
}

/** The number of an event, which is the `index`th of `count` in the message with that number of the stream. */
export function eventOrder(
  { base }: StreamOrder,
  seq: number,
  index: number,
  count: number,
): number {
  // The last event stands for the whole message. The first number is for events that were lost.
  const isLast = index === count - 1;
  return isLast ? (seq - base) * ORDER_STEP : (seq - 1 - base) * ORDER_STEP + 2 + index;
}
