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

/**
 * Any event of the catalogue `E`, as a union that narrows on `event_type`.
 *
 * Event types of your own are delivered too. Name them to read them:
 * `StreamEvent<EventCatalogue & { "shop.paid": { order_id: string } }>`.
 */
export type StreamEvent<E extends object = EventCatalogue> = {
  [K in keyof E & string]: Envelope<K, Readonly<E[K]>>;
}[keyof E & string];

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
  | "span"
  | "bus";

/** Whether `T` may be published: a name of the catalogue, or one outside its prefixes. */
export type EventName<T extends string> = string extends T ? T
  : T extends `bus.${string}` | "open" | "error" ? never
  : T extends keyof EventCatalogue ? T
  : T extends `${ReservedPrefix}.${string}` ? never
  : T;

/** The payload of event type `T`: the catalogue's, or any plain object for a type of your own. */
export type EventPayload<T extends string> = T extends keyof EventCatalogue ? EventCatalogue[T]
  : object;

/** What a publisher says; `event_id` and `timestamp` are the bus's to give. */
export interface EventDraft<T extends string = string> {
  /** The run that the event belongs to. */
  readonly run_id: string;
  /** A name of the catalogue, or one of your own. */
  readonly event_type: EventName<T>;
  /** What the event says. */
  readonly data: EventPayload<T>;
}
