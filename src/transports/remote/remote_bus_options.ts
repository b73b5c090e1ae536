import {
  type BusSettings,
  type EventBusOptions,
  readBusOptions,
} from "../../core/bus/event_bus_options.ts";
import { checkCount } from "../../core/options.ts";
import type { Events } from "../../events/own_events.ts";
import type { NoEvents } from "../../events/stream_event.ts";

/** Options of a bus over a network: those of the bus, and how much may wait for the network. */
export interface RemoteBusOptions<E extends object = NoEvents> extends EventBusOptions<E> {
  /** Events that wait to be stored at most; over it, what is published is lost, counted and announced. @default {10000} */
  maxPendingEvents?: number;
  /** Bytes of payloads that wait to be stored at most, as estimated. @default {33554432} */
  maxPendingBytes?: number;
}

/** The bounds and the reporter of a {@linkcode RemoteBus}, all given. */
export interface RemoteBusSettings<E extends object = NoEvents> extends BusSettings {
  /** The event types that the bus was made for. */
  readonly events?: Events<E>;
  readonly maxPendingEvents: number;
  readonly maxPendingBytes: number;
}

/** The names of the options of a bus over a network. */
export const REMOTE_BUS_OPTION_NAMES: readonly (keyof RemoteBusOptions)[] = [
  "historyPerRun",
  "maxQueueSize",
  "maxRunsRetained",
  "maxGlobalSubscribers",
  "maxEventBytes",
  "maxBytes",
  "content",
  "onError",
  "events",
  "maxPendingEvents",
  "maxPendingBytes",
];

/** Checks the options of a bus over a network and fills in what is missing. */
export function readRemoteBusOptions<E extends object>(
  owner: string,
  options: RemoteBusOptions<E>,
): RemoteBusSettings<E> {
  const { maxPendingEvents = 10_000, maxPendingBytes = 32 * 1024 * 1024, ...rest } = options;
  return {
    ...readBusOptions(owner, rest),
    events: options.events,
    maxPendingEvents: checkCount(owner, "maxPendingEvents", maxPendingEvents, 1),
    maxPendingBytes: checkCount(owner, "maxPendingBytes", maxPendingBytes, 1),
  };
}
