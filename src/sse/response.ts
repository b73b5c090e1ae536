import type { Subscription } from "../core/bus/bus.ts";
import type { DirectReader } from "../core/log/direct_reader.ts";
import { Snapshot } from "../runtime/async_context.ts";
import { BATCH_EVENTS, readSubscription } from "./batch_reader.ts";
import type { Batch } from "./chunk.ts";
import { positionOf } from "./control_events.ts";
import { encodeFrame, type WireEvent } from "./encoder.ts";
import { EventStream } from "./event_stream.ts";
import { randomRetryAfter, randomRetryMs } from "./retry_time.ts";
import {
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "./stream_options.ts";
import { StreamWriter } from "./stream_writer.ts";
import { WireContent } from "./wire_content.ts";
import { describe, hasMethod } from "../core/describe.ts";

/**
 * Answers a request with a subscription, as an event stream (`text/event-stream`).
 *
 * - **Backpressure:** the client pulls. When it stops reading, the log is not read either, and the client gets a
 *   `bus.gap` for what it missed.
 * - **Opening:** sent at once: a time to wait before reconnecting, random within 1 to 5 seconds, and a comment. The
 *   comment and the header `Locus-Recovery` say how a resumed subscription started: `none`, `exact`, `gap` or
 *   `restarted`; the latter two begin with a `bus.gap` as well. A stream that begins live has an `id` there, and in
 *   the header `Locus-Cursor`, so that a client that drops before the first event has a cursor, too.
 * - **Live:** once everything that was there has been sent, and more may come, a `bus.live` event with the `cursor` of that
 *   place says so, once.
 * - **End:** a closed run ends with `bus.end`. A client that resumes at the end of a closed run is answered 204, which
 *   tells an `EventSource` not to reconnect. If the bus has evicted the run, or the response is old enough, it ends
 *   without `bus.end`: the client reconnects.
 * - **Failure:** `bus.error` with an id to find the cause by, which goes to `onError` only.
 * - **Stalled client:** one that leaves what it was sent unread for too long is cut off.
 * - **Clean-up:** as soon as the client leaves, the signal aborts, or a write fails. A response that is
 *   never sent should be cancelled (`response.body?.cancel()`): else its place is taken until it is collected.
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
  const owner = "eventStreamResponse()";
  if (!hasMethod(subscription, "batches")) {
    const isBus = hasMethod(subscription, "subscribe");
    throw new TypeError(
      `${owner}: expected a subscription, got ${describe(subscription)}` +
        (isBus ? "; did you mean bus.subscribe(runId)?" : ""),
    );
  }
  return openEventStream(subscription, checkStreamOptions(owner, options));
}

/** Answers with a stream whose options were checked. */
export function openEventStream(
  subscription: Subscription<WireEvent>,
  settings: StreamSettings,
): Response {
  if (subscription.ended === "rejected") {
    settings.onRelease?.();
    return tooManyReaders();
  }
  const { recovery } = subscription;
  const startCursor = subscription.cursor;
  const reader = readSubscription(subscription);
  // A bus in this process looks at once, so that a run without more to come is known to have ended. Who has not
  // been there before is only looked for when the response is read: one that is never sent waits for nothing.
  const first = recovery === "exact" ? takeFirst(reader) : null;
  if (subscription.ended === "closed" && recovery === "exact" && settings.opening === undefined) {
    settings.onRelease?.();
    return new Response(null, { status: 204, headers: { ...HEADERS, "Locus-Recovery": recovery } });
  }
  const position = recovery === "none" ? positionOf(subscription.runId, startCursor) : undefined;
  const opening = settings.opening ?? [
    encodeFrame({ retry: randomRetryMs(), comment: `recovery ${recovery}`, id: position }),
  ];
  const own = inCallersContext(settings);
  const stream = new EventStream(
    new WireContent({ reader, first, startCursor, opening, settings: own }),
    own,
  );
  const writer = new StreamWriter(stream, settings.takeOver);
  return new Response(new ReadableStream(writer, { highWaterMark: 0 }), {
    headers: {
      ...STREAM_HEADERS,
      "Locus-Recovery": recovery,
      // The stream may break before its first bytes arrive.
      ...(position !== undefined && { "Locus-Cursor": position }),
    },
  });
}

function takeFirst(reader: DirectReader<WireEvent>): Batch | null {
  const events = reader.takeAll(BATCH_EVENTS);
  if (events !== undefined) return { events, positions: reader.cursors };
  if (reader.atEnd) reader.leave();
  return null;
}

/** Stream callbacks see another async context on each runtime, so the user's functions keep the caller's. */
function inCallersContext(settings: StreamSettings): StreamSettings {
  const { onError, permit } = settings;
  const context = new Snapshot();
  return {
    ...settings,
    onError: (error, where) => context.run(onError, error, where),
    permit: permit && { ...permit, renew: () => context.run(permit.renew) },
  };
}

const HEADERS = {
  "Cache-Control": "no-cache, no-transform",
  "X-Content-Type-Options": "nosniff",
} as const;

/** The headers of every stream: no proxy may cache, change or buffer it. */
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
