import {
  type CoordinationEvents,
  coordinationEvents,
  type CoordinationEventType,
  type CoordinationOrigin,
} from "../events/catalogue/coordination.ts";
import type { OptionalPayload } from "./payload_defaults.ts";

/** A coordination event of type `T` with the payload `D`: a frozen plain object of these seven keys. */
export interface CoordinationEnvelope<T extends string, D> extends CoordinationOrigin {
  /** What happened. */
  readonly type: T;
  /** The payload, deeply frozen. */
  readonly data: D;
  /** When it was published: ISO 8601 in UTC, to the millisecond. */
  readonly timestamp: string;
}

/** A coordination event: any, as a union that narrows on `type`, or one of the types `T`. */
export type CoordinationEvent<T extends CoordinationEventType = CoordinationEventType> = {
  [K in T]: CoordinationEnvelope<K, Readonly<CoordinationEvents[K]>>;
}[T];

/** What a publisher says of an event of type `T`: the catalogue's payload, without what has a default. */
export type CoordinationPayload<T extends CoordinationEventType> = T extends keyof OptionalPayload
  ? Omit<CoordinationEvents[T], keyof OptionalPayload[T]> & Partial<OptionalPayload[T]>
  : CoordinationEvents[T];

/** Where a draft comes from: what is left out is null in the event. */
export type DraftOrigin =
  & Pick<CoordinationOrigin, "stream_id">
  & Partial<Omit<CoordinationOrigin, "stream_id">>;

/** The payload of a draft; it may be left out where every key of it may. */
export type DraftData<P> = Partial<P> extends P ? { readonly data?: P } : { readonly data: P };

/**
 * An event as it is handed to the bus, which gives it its timestamp. An event that a handler got is
 * one too.
 */
export type CoordinationDraft<T extends CoordinationEventType = CoordinationEventType> = {
  [K in T]: DraftOrigin & { readonly type: K } & DraftData<CoordinationPayload<K>>;
}[T];

/** Whether `value` is the name of a coordination event. */
export function isCoordinationEventType(value: unknown): value is CoordinationEventType {
  return typeof value === "string" && Object.hasOwn(coordinationEvents, value);
}
