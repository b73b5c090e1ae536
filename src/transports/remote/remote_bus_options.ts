import { type EventBusOptions, readBusOptions } from "../../core/bus/event_bus_options.ts";
import { describe } from "../../core/options.ts";
import type { NoEvents } from "../../events/stream_event.ts";
import type { StoredBusSettings } from "./stored_bus.ts";

/** Options of a bus over a network: those of the bus, and how much may wait for the network. */
export interface RemoteBusOptions<E extends object = NoEvents> extends EventBusOptions<E> {
  /** Events that wait to be stored at most; over it, what is published is lost, counted and announced. @default {10000} */
  maxPendingEvents?: number;
  /** Bytes of payloads that wait to be stored at most, as estimated. @default {33554432} */
  maxPendingBytes?: number;
}

/**
 * Checks the options of a bus over a network and fills in what is missing.
 *
 * @param more The bounds of that kind of bus, each with its default, and its other options.
 */
export function readRemoteBusOptions<E extends object, K extends string = never>(
  owner: string,
  options: RemoteBusOptions<E>,
  more?: Record<K, number>,
  others?: readonly string[],
): StoredBusSettings<E> & Record<NoInfer<K>, number> {
  const bounds = { maxPendingEvents: 10_000, maxPendingBytes: 32 * 1024 * 1024, ...more };
  const settings: object = readBusOptions(owner, options, bounds, others);
  return settings as StoredBusSettings<E> & Record<K, number>;
}

/** @throws {RangeError} If a prefix does not match its rule. */
export function checkPrefix(owner: string, prefix: unknown, pattern: RegExp, rule: string): void {
  if (typeof prefix === "string" && pattern.test(prefix)) return;
  throw new RangeError(`${owner}: "prefix" must be ${rule}, got ${describe(prefix)}`);
}
