import type { StandardSchema } from "./standard_schema.ts";
import type { Envelope, EventName, EventPayload, KnownEvents } from "./stream_event.ts";

/** Event types of your own, declared once with `defineEvents()`. `E` maps their names to their payloads. */
export interface Events<E extends object> {
  /** The schemas that payloads from outside are checked with; a name without one is not checked. */
  readonly schemas: { readonly [K in keyof E & string]?: StandardSchema<unknown, E[K]> };
  /** `emit()` that knows these names and those of the catalogue. */
  emit<T extends string>(eventType: EventName<T, E>, data: EventPayload<T, E>): void;
  /** The event, typed, if it is of this type; else undefined. */
  narrow<K extends keyof KnownEvents<E> & string>(
    event: Envelope<string, unknown>,
    eventType: K,
  ): Envelope<K, Readonly<KnownEvents<E>[K]>> | undefined;
  /** These event types and others. @throws {TypeError} If both declare a name. */
  and<F extends object>(others: Events<F>): Events<E & F>;
}

/** Any event types of one's own. */
// deno-lint-ignore no-explicit-any
export type AnyEvents = Events<any>;
