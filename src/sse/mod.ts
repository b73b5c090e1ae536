/**
 * The wire: a run as an event stream (`text/event-stream`), on web standards only.
 *
 * - {@linkcode eventStreamResponse} answers a request with a subscription: it resumes, keeps the
 *   connection open, reports how the run ended, and cleans up.
 * - {@linkcode fromSse} reads such a stream; {@linkcode decodeFrames} any event stream.
 * - {@linkcode toSse}, {@linkcode encodeEvent} and {@linkcode encodeFrame} are the encoder by itself.
 *
 * Every event is one block: `id` is its `event_id`, `event` its `event_type`, `data` the event as JSON.
 * So are the control events for one client: `bus.gap` (events are missing), `bus.end` (the run is closed, and
 * you have everything), `bus.live` (what was there has been sent), `bus.error` (the server failed; reconnect). On a
 * stream of all or several runs, `id` is a position in the order of the bus instead.
 *
 * @example Serve a run, and follow it
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { eventStreamResponse, fromSse } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const response = eventStreamResponse(bus.subscribe("r1"));
 *
 * const types = [];
 * for await (const event of response.body!.pipeThrough(fromSse())) types.push(event.event_type);
 * assertEquals(types, ["shop.paid", "bus.end"]);
 * ```
 *
 * @module
 */

export { encodeEvent, encodeFrame } from "./encoder.ts";
export type { SseFrame, WireEvent } from "./encoder.ts";
export { toSse } from "./to_sse.ts";

export { decodeFrames } from "./decoder.ts";
export type { SseDecoderOptions, SseMessage } from "./message.ts";
export { fromSse } from "./from_sse.ts";

export { eventStreamResponse } from "./response.ts";
export type { EventStreamOptions, StreamErrorContext } from "./stream_options.ts";
