import type { NoEvents, StreamEvent } from "../events/stream_event.ts";
import { createDecoder } from "./decoder.ts";
import type { SseDecoderOptions, SseMessage } from "./message.ts";

/**
 * Turns the bytes of an event stream back into events: the other end of {@linkcode toSse}.
 *
 * - **Control events** (`bus.gap`, `bus.live`, `bus.end`, `bus.error`) are delivered like all others.
 * - **Resuming** is up to you: send the last `event_id` as `Last-Event-ID`, or use `followRun()` of
 *   `@locus/core/client`.
 * - **Trust:** the five keys of an event are checked, its payload isn't; see `@locus/core/schemas`.
 * - **`for await`** works in Safari, too, whose own streams have no async iterator.
 *
 * The stream fails with a `TypeError` at a message that is not an event.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxBlockLength` is not a whole number of at least 1; the stream itself fails
 * with one if a block is longer.
 *
 * @example There and back again
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { fromSse, toSse } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const events = bus.subscribe("r1").pipeThrough(toSse()).pipeThrough(fromSse());
 * for await (const event of events) assertEquals(event.data, { order: 7 });
 * ```
 */
export function fromSse<E extends object = NoEvents>(
  options: SseDecoderOptions = {},
): TransformStream<Uint8Array, StreamEvent<E>> {
  return createDecoder("fromSse()", options, (message) => parseEvent<E>("fromSse()", message));
}

const KEYS = ["event_id", "run_id", "event_type", "timestamp"] as const;

/**
 * Reads the event that a message holds.
 *
 * @throws {TypeError} If it holds none.
 */
export function parseEvent<E extends object>(
  owner: string,
  { event, data }: SseMessage,
): StreamEvent<E> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw new TypeError(`${owner}: a message is not JSON`, { cause });
  }
  if (!isEvent(value) || value.event_type !== event) {
    throw new TypeError(
      `${owner}: a message must be an event, with the keys event_id, run_id, event_type, timestamp ` +
        "and data, and of the type that its `event` field says",
    );
  }
  return value as StreamEvent<E>;
}

function isEvent(value: unknown): value is StreamEvent {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return KEYS.every((key) => typeof fields[key] === "string") &&
    typeof fields.data === "object" && fields.data !== null;
}
