import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { checkHandler, type StreamedEvent, type StreamHandler } from "./stream_handler.ts";

/** Options of {@linkcode FilteringHandler}: which events are handed on. All that is given must hold. */
export interface FilteringHandlerOptions {
  /** Only these. @default {all} */
  eventTypes?: readonly string[];
  /** Not these, whatever else is said. @default {none} */
  excludeTypes?: readonly string[];
  /** Only those for which it returns true. @default {all} */
  filter?: (event: StreamedEvent) => boolean;
}

/** Hands some of the events to another handler; the end and errors always. */
export class FilteringHandler implements StreamHandler {
  readonly #delegate: StreamHandler;
  readonly #isWanted: (event: StreamedEvent) => boolean;

  /**
   * Makes the handler.
   *
   * @throws {TypeError} If `delegate` is not a handler, or an option is unknown or of the wrong type.
   */
  constructor(delegate: StreamHandler, options: FilteringHandlerOptions = {}) {
    checkHandler(OWNER, delegate);
    checkOptions(OWNER, options, ["eventTypes", "excludeTypes", "filter"]);
    const only = readTypes("eventTypes", options.eventTypes);
    const not = readTypes("excludeTypes", options.excludeTypes);
    const { filter } = options;
    checkFunction(OWNER, "filter", filter);
    this.#delegate = delegate;
    this.#isWanted = (event) =>
      !not?.has(event.event_type) && only?.has(event.event_type) !== false &&
      (filter === undefined || filter(event) === true);
  }

  /** Hands it on if it is wanted. */
  onEvent(event: StreamedEvent): void {
    if (this.#isWanted(event)) this.#delegate.onEvent(event);
  }

  /** Hands it on. */
  onComplete(): void {
    this.#delegate.onComplete();
  }

  /** Hands it on. */
  onError(error: unknown): void {
    this.#delegate.onError(error);
  }
}

const OWNER = "FilteringHandler";

function readTypes(name: string, types: unknown): ReadonlySet<string> | undefined {
  if (types === undefined) return undefined;
  if (Array.isArray(types) && types.every((type) => typeof type === "string")) {
    return new Set(types);
  }
  throw new TypeError(`${OWNER}: "${name}" must be a list of event types, got ${describe(types)}`);
}
