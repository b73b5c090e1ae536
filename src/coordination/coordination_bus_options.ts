import { createConsoleReporter } from "../core/bus/event_bus_options.ts";
import { checkFunction, checkOptions, describe, readBounds } from "../core/options.ts";
import type { Run } from "../core/run/run_context.ts";
import type { CoordinationEvent } from "./coordination_event.ts";

/** Where an error that is reported came up. */
export interface CoordinationErrorContext {
  /**
   * - `publish`: the event was rejected and not delivered.
   * - `handler`: a handler threw or rejected.
   * - `mirror`: the event could not be shown in a run.
   */
  readonly stage: "publish" | "handler" | "mirror";
  /** The event that it is about; null if that was refused. */
  readonly event: CoordinationEvent | null;
}

/** Options of a {@linkcode CoordinationBus}. Every bound is a whole number of at least 1. */
export interface CoordinationBusOptions {
  /** How many events the history holds. @default {1000} */
  maxHistory?: number;
  /** How many handler calls run at a time; those of nested publishes may come on top. @default {10} */
  maxConcurrentHandlers?: number;
  /** How many subscriptions and waits there may be; further ones throw. @default {10000} */
  maxSubscriptions?: number;
  /** How many publishes may have handlers to finish; further ones are refused. @default {10000} */
  maxPendingPublishes?: number;
  /**
   * Size of one payload, in bytes as estimated; the large values of a larger one are replaced by
   * previews. @default {262144}
   */
  maxEventBytes?: number;
  /**
   * Size of all payloads in the history, in bytes as estimated; and, once more, of those that have handlers
   * to finish. @default {67108864}
   */
  maxBytes?: number;
  /**
   * Shows every event in a run's stream as well, under its own type and with its own payload: `true` in
   * the run that publishes, a {@linkcode Run} in that run always, which is the way where no async context is
   * (browsers). Handlers that were subscribed inside a run publish in that run.
   *
   * The ids of stream, node, execution and correlation are not shown: a run's events carry exactly the
   * catalogue's keys.
   *
   * @default {false}
   */
  mirror?: boolean | Run;
  /**
   * Told of every refused event, and of what handlers throw. What it throws itself is dropped.
   *
   * @default {a handler that prints to the console, at most once a second}
   */
  onError?: (error: Error, context: CoordinationErrorContext) => void;
}

// The seed's two, and bounds for what else could grow.
const DEFAULT_BOUNDS = {
  maxHistory: 1000,
  maxConcurrentHandlers: 10,
  maxSubscriptions: 10_000,
  maxPendingPublishes: 10_000,
  maxEventBytes: 256 * 1024,
  maxBytes: 64 * 1024 * 1024,
};

/** Checks the options of a bus and fills in what is missing. */
export function readOptions(options: CoordinationBusOptions): Required<CoordinationBusOptions> {
  const owner = "CoordinationBus";
  checkOptions(owner, options, [...Object.keys(DEFAULT_BOUNDS), "mirror", "onError"]);
  const bounds = readBounds(owner, options, DEFAULT_BOUNDS);
  const { mirror = false, onError } = options;
  if (typeof mirror !== "boolean" && typeof (mirror as Partial<Run> | null)?.emit !== "function") {
    throw new TypeError(`${owner}: "mirror" must be a boolean or a run, got ${describe(mirror)}`);
  }
  checkFunction(owner, "onError", onError);
  return { ...bounds, mirror, onError: onError ?? createConsoleReporter() };
}
