import type { Events } from "../../events/own_events.ts";
import type { NoEvents } from "../../events/stream_event.ts";
import { checkEvents, checkFlag } from "../checks.ts";
import { checkFunction, checkOptions, readBounds } from "../options.ts";

/** Where an error that is reported came up. */
export interface BusErrorContext {
  /** What was being done. */
  readonly stage: "publish" | "subscribe" | "handler";
}

/** Options of an {@linkcode EventBus}. Every bound is a whole number of at least 1. */
export interface EventBusOptions<E extends object = NoEvents> {
  /** Event types of your own: what is published and read is typed by them. */
  events?: Events<E>;
  /**
   * Whether what goes in and comes out of the work in its runs is published as well: prompts, answers, arguments,
   * results. A run can say otherwise. Give such a bus a larger `historyPerRun`.
   *
   * @default {as the process says: `LOCUS_CAPTURE_CONTENT=true`}
   */
  content?: boolean;
  /** How many events of a run a late reader still sees. @default {500} */
  historyPerRun?: number;
  /** How many events a live reader may lag behind before it is told of a gap. @default {1024} */
  maxQueueSize?: number;
  /** How many runs are held. @default {200} */
  maxRunsRetained?: number;
  /** How many may read all runs at the same time. @default {50} */
  maxGlobalSubscribers?: number;
  /**
   * Size of one payload, in bytes as estimated; the large values of a larger one are replaced by
   * previews. Never more than `maxBytes`. @default {262144}
   */
  maxEventBytes?: number;
  /** Size of all payloads held, in bytes as estimated. @default {67108864} */
  maxBytes?: number;
  /**
   * Told of every refused event or subscription, and of what handlers throw. What it throws itself is
   * dropped.
   *
   * @default {a handler that prints to the console, at most once a second}
   */
  onError?: (error: Error, context: BusErrorContext) => void;
}

// The seed's bounds, and two of our own: 500 events in 200 runs say nothing when one is a megabyte.
const DEFAULT_BOUNDS = {
  historyPerRun: 500,
  maxQueueSize: 1024,
  maxRunsRetained: 200,
  maxGlobalSubscribers: 50,
  maxEventBytes: 256 * 1024,
  maxBytes: 64 * 1024 * 1024,
};

const NAMES = [
  ...Object.keys(DEFAULT_BOUNDS) as (keyof typeof DEFAULT_BOUNDS)[],
  "content",
  "onError",
  "events",
] as const;

/** The options of a bus, complete; its event types only type it. */
export interface BusSettings<E extends object = NoEvents>
  extends
    Required<Omit<EventBusOptions<E>, "events" | "content">>,
    Pick<EventBusOptions<E>, "events" | "content"> {}

/**
 * Checks the options of a bus and fills in what is missing.
 *
 * @param more The bounds that such a bus has beside the common ones, each with its default.
 * @param others The names of options that the caller reads.
 */
export function readBusOptions<E extends object, K extends string = never>(
  owner: string,
  options: EventBusOptions<E>,
  more?: Record<K, number>,
  others: readonly string[] = [],
): BusSettings<E> & Record<NoInfer<K>, number> {
  const defaults = { ...DEFAULT_BOUNDS, ...more } as typeof DEFAULT_BOUNDS & Record<K, number>;
  checkOptions(owner, options, [...others, ...Object.keys(more ?? {}), ...NAMES]);
  const { events, content, onError = createConsoleReporter() } = options;
  checkEvents(owner, events);
  checkFlag(owner, "content", content);
  const bounds = readBounds<string>(
    owner,
    options as Partial<typeof defaults>,
    defaults,
  ) as typeof defaults;
  bounds.maxEventBytes = Math.min(bounds.maxEventBytes, bounds.maxBytes);
  checkFunction(owner, "onError", onError);
  return { ...bounds, events, content, onError };
}

/** Of the settings of a bus with more of them, those of an {@linkcode EventBus}. */
export function busSettingsOf<E extends object>(settings: BusSettings<E>): BusSettings<E> {
  const own: object = Object.fromEntries(NAMES.map((name) => [name, settings[name]]));
  return own as BusSettings<E>;
}

/** A handler of errors that prints them, at most one a second. */
export function createConsoleReporter(): (error: Error) => void {
  let quietUntil = 0;
  return (error) => {
    const now = Date.now();
    if (now < quietUntil) return;
    quietUntil = now + 1000;
    console.error(`Locus: ${error.message}`);
  };
}
