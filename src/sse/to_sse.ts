import { encodeEvent, type WireEvent } from "./encoder.ts";
import { makeIterable } from "./iterable_stream.ts";

/**
 * Turns a stream of events into the bytes of an event stream, to be piped anywhere.
 *
 * It frames events and nothing else: no heartbeat, and no `bus.end`, because a stream does not say why
 * it ended. To answer a request use {@linkcode eventStreamResponse}, which does both.
 *
 * @example Keep a run in a file, or anything else that is writable
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { toSse } from "@locus/core/sse";
 * import { assertMatch } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const bytes = bus.subscribe("r1").pipeThrough(toSse());
 * assertMatch(await new Response(bytes).text(), /^id: .+\nevent: shop.paid\ndata: \{.+\}\n\n$/);
 * ```
 */
export function toSse(): TransformStream<WireEvent, Uint8Array<ArrayBuffer>> {
  const stream = new TransformStream<WireEvent, Uint8Array<ArrayBuffer>>({
    transform: (event, controller) => controller.enqueue(encodeEvent(event)),
  });
  makeIterable(stream.readable);
  return stream;
}
