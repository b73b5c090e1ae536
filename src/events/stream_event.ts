import type { EventCatalogue } from "./catalogue/mod.ts";

/**
 * One event: the same frozen plain object in memory, in the log, on the wire and in another process.
 *
 * Its five keys are the wire contract, in this order.
 */
export interface Envelope<T extends string, D> {
  /** `<epoch>-<seq>`: unique, opaque; hand it back as a cursor to resume after this event. */
  readonly event_id: string;
  /** The run that this event belongs to. */
  readonly run_id: string;
  /** A name of the catalogue, or one of your own. */
  readonly event_type: T;
  /** When it was published: ISO 8601 in UTC, to the millisecond. */
  readonly timestamp: string;
  /** The payload, deeply frozen. */
  readonly data: D;
}

/** No event types of your own: only the catalogue is known. */
export type NoEvents = Record<never, never>;

/** Payloads by event type: the catalogue's, and those of your own event types `E`. */
export type KnownEvents<E extends object = NoEvents> = EventCatalogue & E;

/**
 * Any event of the catalogue and of your own event types `E`, as a union that narrows on `event_type`.
 *
 * Event types that `E` does not name are delivered too. Name them with `defineEvents()`, or write
 * `StreamEvent<{ "shop.paid": { order_id: string } }>`.
 */
export type StreamEvent<E extends object = NoEvents> = {
  [K in keyof KnownEvents<E> & string]: Envelope<K, Readonly<KnownEvents<E>[K]>>;
}[keyof KnownEvents<E> & string];

/** The first segments of the catalogue's dotted names: reserved, so a typo in one is a type error. */
export type ReservedPrefix =
  | "agent"
  | "multiagent"
  | "composition"
  | "router"
  | "rag"
  | "memory"
  | "a2a"
  | "skills"
  | "deepagent"
  | "research"
  | "run"
  | "span"
  | "bus";

/**
 * `T` if it may be published: a name of the catalogue or of `E`, or one outside their prefixes. For any other
 * name it is a sentence that says what is wrong, so that the compiler's message shows the reason.
 */
export type EventName<T extends string, E extends object = NoEvents> = string extends T ? T
  : T extends PublishedName<E> ? T
  : T extends `bus.${string}` ? `"bus.*" is published by buses only`
  : T extends "open" | "error" ? `"${T}" is an event of EventSource itself`
  : T extends `${infer P}.${string}`
    ? P extends ReservedPrefix | PrefixOf<keyof E>
      ? `"${P}.*" is reserved and has no "${T}". Did you mean: ${NearName<T, PublishedName<E>>}`
    : T
  : T;

/** The payload of event type `T`: the catalogue's, that of `E`, or any plain object for other types. */
export type EventPayload<T extends string, E extends object = NoEvents> = T extends
  keyof KnownEvents<E> ? KnownEvents<E>[T]
  : object;

/** What a publisher says; `event_id` and `timestamp` are the bus's to give. */
export interface EventDraft<T extends string = string, E extends object = NoEvents> {
  /** The run that the event belongs to. */
  readonly run_id: string;
  /** A name of the catalogue, or one of your own. */
  readonly event_type: EventName<T, E>;
  /** What the event says. */
  readonly data: EventPayload<T, E>;
}

/** The names that may be published: of the catalogue and of `E`, without those of buses. */
export type PublishedName<E extends object> = Exclude<
  keyof KnownEvents<E> & string,
  `bus.${string}`
>;

/** What stands before the first dot of a name. */
export type PrefixOf<N> = N extends `${infer P}.${string}` ? P : never;

/** The names of `N` that resemble `T`: with its prefix and its next two letters, else one, else none. */
export type NearName<T extends string, N extends string> = T extends
  `${infer P}.${infer A}${infer B}${string}`
  ? [Extract<N, `${P}.${A}${B}${string}`>] extends [never]
    ? [Extract<N, `${P}.${A}${string}`>] extends [never] ? Extract<N, `${P}.${string}`>
    : Extract<N, `${P}.${A}${string}`>
  : Extract<N, `${P}.${A}${B}${string}`>
  : Extract<N, `${PrefixOf<T>}.${string}`>;
