import type {
  Envelope,
  EventName,
  KnownEvents,
  NoEvents,
  StreamEvent,
} from "../../events/stream_event.ts";
import type { LogEntry } from "../log/event_log.ts";
import { checkRecord, checkRunId } from "../checks.ts";
import { checkCount, checkOptions } from "../options.ts";
import { compileSelect } from "./select.ts";

/**
 * `P` if it selects something: `*`, a prefix (`agent.tool.*`), or a name that may be published. For a misspelt
 * name it is a sentence that says so, as {@linkcode EventName} does.
 */
export type SelectorName<P extends string, E extends object = NoEvents> = P extends
  "*" | `${string}.*` ? P
  : NoInfer<EventName<P, E>>;

/** What events must have in common to be selected. Everything that is named must hold. */
export interface EventFilter<P extends string = string, E extends object = NoEvents> {
  /** A type (`agent.think`), a prefix (`agent.tool.*`), or several of them. */
  type?: SelectorName<P, E> | readonly SelectorName<P, E>[];
  /** A run. */
  run?: string;
  /** Values of the payload's keys, compared by `===`. */
  data?: Readonly<Record<string, unknown>>;
}

/** Which events are meant: by type or prefix, or by a filter. */
// With `P &` in front, the compiler infers `P` only from a plain name, never from a filter.
export type EventSelector<P extends string = string, E extends object = NoEvents> =
  | P & NoInfer<SelectorName<P, E>>
  | readonly SelectorName<P, E>[]
  | EventFilter<P, E>;

/** The events that the type or prefix `P` selects from the catalogue and your own events `E`. */
export type SelectedEvent<P extends string, E extends object = NoEvents> = string extends P
  ? StreamEvent<E>
  : P extends "*" ? StreamEvent<E>
  : P extends `${infer Prefix}.*`
    ? NamedEvent<Extract<keyof KnownEvents<E> & string, `${Prefix}.${string}`>, E, Prefix>
  : P extends keyof KnownEvents<E> & string ? Envelope<P, Readonly<KnownEvents<E>[P]>>
  : Envelope<P, Readonly<Record<string, unknown>>>;

/** The events named `N`; those of an unknown prefix if there are none. */
export type NamedEvent<
  N extends keyof KnownEvents<E> & string,
  E extends object,
  Prefix extends string,
> = [N] extends [never] ? Envelope<`${Prefix}.${string}`, Readonly<Record<string, unknown>>>
  : { [K in N]: Envelope<K, Readonly<KnownEvents<E>[K]>> }[N];

/** A selector, checked and ready to compare with. */
export interface CompiledSelector {
  readonly run: string | undefined;
  /** Undefined if everything of the run matches. */
  readonly matches: ((entry: LogEntry) => boolean) | undefined;
}

/** @throws {TypeError} If the selector, or a part of it, is not valid. */
export function compileSelector(owner: string, selector: unknown): CompiledSelector {
  if (typeof selector === "string" || Array.isArray(selector)) {
    return compileSelector(owner, { type: selector });
  }
  checkOptions(owner, selector, ["type", "run", "data"]);
  const { type, run, data } = selector as EventFilter;
  if (run !== undefined) checkRunId(owner, run);
  checkRecord(owner, "data", data);
  const byType = compileSelect(owner, type);
  const byData = data === undefined ? undefined : compileData(Object.entries(data));
  const matches = (entry: LogEntry) =>
    byType?.(entry.eventType) !== false && byData?.(entry) !== false;
  return { run, matches: byType || byData ? matches : undefined };
}

/** What `history()` was asked for. @throws {TypeError} or {RangeError} If that is not valid. */
export function readHistory(
  owner: string,
  selector: unknown,
  options: { readonly limit?: number },
): CompiledSelector & { readonly limit: number } {
  checkOptions(owner, options, ["limit"]);
  const limit = checkCount(owner, "limit", options.limit ?? 100, 0);
  return { ...compileSelector(owner, selector), limit };
}

function compileData(wanted: [string, unknown][]): (entry: LogEntry) => boolean {
  return ({ event }) => {
    const data = event.data as Readonly<Record<string, unknown>>;
    return wanted.every(([key, value]) => Object.hasOwn(data, key) && data[key] === value);
  };
}
