import { EVENT_TYPE_RULE, isEventType } from "../../events/identifiers.ts";
import type { AnyEvents, Events } from "../../events/own_events.ts";
import {
  type InferOutput,
  isStandardSchema,
  type StandardSchema,
} from "../../events/standard_schema.ts";
import type { Envelope, ReservedPrefix } from "../../events/stream_event.ts";
import { checkEvents } from "../checks.ts";
import { emit } from "./emit.ts";
import { describe, isPlain } from "../describe.ts";

/** Schemas by event type, as {@linkcode defineEvents} takes them. */
export type EventSchemas = Readonly<Record<string, StandardSchema<unknown, object>>>;

/** Refuses names under the prefixes of the catalogue: an own event of that name could not be told from a typo. */
export type Declarable<E> = {
  readonly [K in keyof E]: K extends `${infer P}.${string}`
    ? P extends ReservedPrefix ? `"${P}.*" is reserved: choose a prefix of your own` : unknown
    : unknown;
};

/** The payloads that schemas describe, by event type. */
export type SchemaEvents<S extends EventSchemas> = { [K in keyof S & string]: InferOutput<S[K]> };

/**
 * Declares event types of your own, so that their names and payloads are checked wherever they are written:
 * `emit`, buses, selectors, subscriptions, clients.
 *
 * - **Reserved:** declaring `shop.paid` reserves `shop.*` where these events are known, so a misspelt name is a
 *   compile error. The prefixes of the catalogue (`agent.*`, `run.*`, `span.*`, …) are reserved already.
 * - **Schemas** (zod, or any Standard Schema) also check payloads that come from outside: ingested events, and
 *   those a client follows. `emit()` checks nothing at run time.
 * - **Without schemas,** give the payloads as a type: `defineEvents<{ "shop.paid": { order: string } }>()`.
 *
 * @throws {TypeError} If a name is not valid, or what it maps to is not a Standard Schema.
 *
 * @example Declare once, use everywhere
 * ```ts
 * import { defineEvents, EventBus, runContext } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const shop = defineEvents({ "shop.paid": z.object({ order: z.string() }) });
 * const bus = new EventBus({ events: shop });
 *
 * runContext({ runId: "r1", bus }, () => shop.emit("shop.paid", { order: "42" }));
 *
 * const [event] = bus.history("shop.paid");
 * assertEquals(event?.data.order, "42"); // a string for the compiler, too
 * ```
 */
export function defineEvents<E extends object & Declarable<E>>(): Events<E>;
/** The same, with a schema for each event type. */
export function defineEvents<const S extends EventSchemas & Declarable<S>>(
  schemas: S,
): Events<SchemaEvents<S>>;
export function defineEvents(schemas: EventSchemas = {}): AnyEvents {
  if (!isPlain(schemas)) {
    throw new TypeError(
      `defineEvents(): expected schemas by event type, got ${describe(schemas)}`,
    );
  }
  for (const [name, schema] of Object.entries(schemas)) {
    if (!isEventType(name)) {
      throw new TypeError(
        `defineEvents(): a name must be ${EVENT_TYPE_RULE}, got ${describe(name)}`,
      );
    }
    if (!isStandardSchema(schema)) {
      throw new TypeError(
        `defineEvents(): "${name}" must be a Standard Schema (zod, valibot, …), got ${
          describe(schema)
        }`,
      );
    }
  }
  return {
    schemas,
    emit,
    narrow: (event, name) =>
      event.event_type === name ? event as Envelope<typeof name, never> : undefined,
    and: (others: AnyEvents) => {
      checkEvents("and()", others);
      const twice = Object.keys(others.schemas).find((name) => Object.hasOwn(schemas, name));
      if (twice !== undefined) {
        throw new TypeError(`and(): both declare "${twice}"; give one of them another name`);
      }
      return defineEvents({ ...schemas, ...others.schemas } as EventSchemas);
    },
  };
}
