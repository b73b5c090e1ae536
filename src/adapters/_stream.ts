import type { Context } from "hono";
import type { Subscription } from "../core/bus.ts";
import { disconnectSignal } from "../runtime/disconnect_signal.ts";
import { makeRestart } from "../sse/control_events.ts";
import type { WireEvent } from "../sse/encoder.ts";
import { openEventStream, STREAM_HEADERS } from "../sse/response.ts";
import type { Access } from "./_access.ts";
import type { LocusSettings } from "./_locus_options.ts";
import { whenOpened } from "./_opened.ts";
import { cursorOf } from "./_query.ts";

/**
 * Answers with an event stream of a run; null is all of them.
 *
 * @throws {Refusal} 429 or 503 if too many are open, 503 if the bus cannot be reached.
 */
export async function openStream(
  c: Context,
  runId: string | null,
  subscribe: () => Subscription<WireEvent>,
  { authorize, connections, revalidateMs, stream, report }: LocusSettings,
  access: Access,
): Promise<Response> {
  // Its body would not be read, nor cancelled.
  if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
  const onRelease = connections.take(c, runId);
  try {
    const subscription = subscribe();
    await whenOpened(subscription, report);
    return openEventStream(
      subscription,
      {
        ...stream,
        signal: disconnectSignal(c.req.raw),
        permit: authorize && { renew: () => access.allows(c, runId), everyMs: revalidateMs },
        onRelease,
      },
      // All runs are live only: they cannot be resumed.
      runId === null && cursorOf(c) !== null ? makeRestart(subscription) : undefined,
    );
  } catch (error) {
    onRelease();
    throw error;
  }
}
