import type { Subscription } from "../core/bus.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { encodeEvent, encodeFrame, type WireEvent } from "./encoder.ts";
import { EventStreamSource } from "./event_stream.ts";
import {
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "./stream_options.ts";

/**
 * Answers a request with a subscription, as an event stream (`text/event-stream`).
 *
 * - **Backpressure:** the client pulls. One that stops reading stops the reading of the log, and is told
 *   of what it missed in a `bus.gap`.
 * - **Opening:** a time to wait before coming back, random within 1 to 5 seconds, and a comment, both at
 *   once. How a resumed subscription started is in that comment and in the header `Locus-Recovery`:
 *   `none`, `exact`, `gap` or `restarted`; the latter two begin with a `bus.gap` as well.
 * - **End:** a closed run ends with `bus.end`. Whoever comes back to the end of a closed run is answered
 *   204, which tells an `EventSource` not to come again. If the bus has forgotten the run, or the
 *   response is old enough, it ends without: the client comes back and is told what holds then.
 * - **Failure:** `bus.error` with an id to find the cause by, which goes to `onError` only.
 * - **Stalled client:** one that leaves what it was sent unread for too long is cut off.
 * - **Clean-up:** as soon as the client leaves, the signal aborts, or a write fails. A response that is
 *   never sent has to be cancelled: `response.body?.cancel()`.
 * - **Limit:** a rejected subscription (too many readers of all runs) is answered 503.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type, or the subscription is being read.
 * @throws {RangeError} If `heartbeatMs`, `maxLifetimeMs` or `writeTimeoutMs` is out of range.
 *
 * @example Serve a run
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { eventStreamResponse, fromSse } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 *
 * function serve(request: Request): Response {
 *   const after = request.headers.get("Last-Event-ID");
 *   return eventStreamResponse(bus.subscribe("r1", { after }), { signal: request.signal });
 * }
 *
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const types = [];
 * const { body } = serve(new Request("http://localhost/"));
 * for await (const event of body!.pipeThrough(fromSse())) types.push(event.event_type);
 * assertEquals(types, ["shop.paid", "bus.end"]);
 * ```
 */
export function eventStreamResponse(
  subscription: Subscription<WireEvent>,
  options: EventStreamOptions = {},
): Response {
  return openEventStream(subscription, checkStreamOptions("eventStreamResponse()", options));
}

/** Answers with a stream whose options were checked. `announce` comes before all other events. */
export function openEventStream(
  subscription: Subscription<WireEvent>,
  settings: StreamSettings,
  announce?: WireEvent,
): Response {
  if (subscription.ended === "rejected") {
    settings.onRelease?.();
    return tooManyReaders();
  }
  const recovery = announce === undefined ? subscription.recovery : "restarted";
  const startCursor = subscription.cursor;
  // Few events at a time: what a client that has stopped reading keeps from being freed is small.
  const batches = subscription.batches({ maxEvents: 64 });
  // A bus in this process looks at once, so that a run without more to come is known to have ended.
  const first = batches.next();
  if (subscription.ended === "closed" && recovery === "exact") {
    settings.onRelease?.();
    return new Response(null, { status: 204, headers: { ...HEADERS, "Locus-Recovery": recovery } });
  }
  const opening = [encodeFrame({ retry: randomRetryMs(), comment: `recovery ${recovery}` })];
  if (announce !== undefined) opening.push((settings.encode ?? encodeEvent)(announce));
  const source = new EventStreamSource({
    subscription,
    batches,
    first,
    startCursor,
    opening,
    settings: inCallersContext(settings),
  });
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), {
    headers: { ...STREAM_HEADERS, "Locus-Recovery": recovery },
  });
}

/** They are called where a stream's callbacks run; what they would find there depends on the runtime. */
function inCallersContext(settings: StreamSettings): StreamSettings {
  const { onError, permit, onRelease } = settings;
  return {
    ...settings,
    onError: Snapshot.wrap(onError),
    permit: permit && { ...permit, renew: Snapshot.wrap(permit.renew) },
    onRelease: onRelease && Snapshot.wrap(onRelease),
  };
}

const HEADERS = {
  "Cache-Control": "no-cache, no-transform",
  "X-Content-Type-Options": "nosniff",
} as const;

/** The headers of every stream: nothing on the way may keep, change or hold back what it sends. */
export const STREAM_HEADERS = {
  ...HEADERS,
  "Content-Type": "text/event-stream; charset=utf-8",
  "X-Accel-Buffering": "no",
} as const;

function tooManyReaders(): Response {
  return Response.json({ error: "Too many readers; try again later" }, {
    status: 503,
    headers: { ...HEADERS, "Retry-After": randomRetryAfter() },
  });
}

/** The value of `Retry-After` for a reader that is turned away for now. */
export function randomRetryAfter(): string {
  return String(Math.ceil(randomRetryMs() / 1_000));
}

/** Readers that were cut off together shall not come back together. */
function randomRetryMs(): number {
  return 1_000 + Math.floor(Math.random() * 4_001);
}
