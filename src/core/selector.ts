import type { EventCatalogue } from "../events/catalogue/mod.ts";
import type { Envelope, StreamEvent } from "../events/stream_event.ts";
import type { LogEntry } from "./event_log.ts";
import { checkRunId } from "./checks.ts";
import { checkOptions, describe } from "./options.ts";
import { compileSelect } from "./select.ts";

/** What events must have in common to be selected. Everything that is named must hold. */
export interface EventFilter<P extends string = string> {
  /** A type (`agent.think`), a prefix (`agent.tool.*`), or several of them. */
  type?: P | readonly P[];
  /** A run. */
  run?: string;
  /** Values of the payload's keys, compared by `===`. */
  data?: Readonly<Record<string, unknown>>;
}

/** Which events are meant: by type or prefix, or by a filter. */
export type EventSelector<P extends string = string> = P | readonly P[] | EventFilter<P>;

/** The events that the type or prefix `P` selects from the catalogue `E`. */
export type SelectedEvent<P extends string, E extends object = EventCatalogue> = string extends P
  ? StreamEvent<E>
  : P extends "*" ? StreamEvent<E>
  : P extends `${infer Prefix}.*`
    ? Extract<keyof E & string, `${Prefix}.${string}`> extends never
      ? Envelope<`${Prefix}.${string}`, Readonly<Record<string, unknown>>>
    : StreamEvent<Pick<E, Extract<keyof E & string, `${Prefix}.${string}`>>>
  : P extends keyof E & string ? Envelope<P, Readonly<E[P]>>
  : Envelope<P, Readonly<Record<string, unknown>>>;

/** A selector, checked and ready to compare with. */
export interface CompiledSelector {
  readonly run: string | undefined;
  /** Undefined if everything of the run matches. */
  readonly matches: ((entry: LogEntry) => boolean) | undefined;
}

/** @throws {TypeError} If the selector, or a part of it, is not valid. */
export function compileSelector(owner: string, selector: EventSelector): CompiledSelector {
  if (typeof selector === "string" || Array.isArray(selector)) {
    return compileSelector(owner, { type: selector as string | readonly string[] });
  }
  checkOptions(owner, selector, ["type", "run", "data"]);
  const { type, run, data } = selector as EventFilter;
  if (run !== undefined) checkRunId(owner, run);
  if (data !== undefined && (typeof data !== "object" || data === null)) {
    throw new TypeError(`${owner}: "data" must be an object, got ${describe(data)}`);
  }
  const byType = compileSelect(owner, type);
  const byData = data === undefined ? undefined : compileData(Object.entries(data));
  const matches = (entry: LogEntry) =>
    byType?.(entry.eventType) !== false && byData?.(entry) !== false;
  return { run, matches: byType || byData ? matches : undefined };
}

function compileData(wanted: [string, unknown][]): (entry: LogEntry) => boolean {
  return ({ event }) => {
    const data = event.data as Readonly<Record<string, unknown>>;
    return wanted.every(([key, value]) => Object.hasOwn(data, key) && data[key] === value);
  };
}
