import type { Context } from "hono";
import type { AnyBus, SubscribeOptions, Subscription } from "../../core/bus/bus.ts";
import { isError } from "../../runtime/realm.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { openEventStream, STREAM_HEADERS } from "../../sse/response.ts";
import type { StreamPermit, StreamSettings } from "../../sse/stream_options.ts";
import type { Access } from "./access.ts";
import { clientOf } from "../http/client_connection.ts";
import { Refusal } from "../http/responses.ts";
import type { LocusSettings } from "./locus_options.ts";
import { whenOpened } from "../http/when_opened.ts";

/**
 * Answers with an event stream of these runs; none is all of them.
 *
 * @throws {Refusal} 503 if too many are open, or if the bus cannot be reached.
 */
export async function openStream(
  c: Context,
  runIds: readonly string[],
  subscribe: () => Subscription<WireEvent>,
  { authorize, connections, revalidateMs, stream, report }: LocusSettings,
  access: Access,
  wire: Pick<StreamSettings, "encode" | "encodeFailure"> = {},
): Promise<Response> {
  // Its body would not be read, nor cancelled.
  if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
  const place = connections.take(c, runIds);
  try {
    const subscription = subscribe();
    await whenOpened(subscription, report);
    const response = openEventStream(
      subscription,
      {
        ...stream,
        ...wire,
        ...clientOf(c),
        permit: authorize && permitOf(c, runIds, access, revalidateMs),
        replaced: place.replaced,
        onRelease: () => place.release(),
      },
    );
    // Not before: what is answered 204 ends no other stream.
    place.opened();
    return response;
  } catch (error) {
    place.release();
    throw error;
  }
}

/** By itself, so that a stream without a permit does not hold its request. */
function permitOf(
  c: Context,
  runIds: readonly string[],
  access: Access,
  everyMs: number,
): StreamPermit {
  return { renew: () => access.askForAll(c, runIds), everyMs };
}

/** @throws {Refusal} 400 if the bus cannot read several runs as one. */
export function subscribeToSeveral(
  bus: AnyBus,
  runIds: readonly string[],
  options: SubscribeOptions,
): Subscription<WireEvent> {
  try {
    return bus.subscribe(runIds, options);
  } catch (error) {
    // The runs and the options were checked.
    if (!isError(error) || error.name !== "TypeError") throw error;
    throw new Refusal(400, "The bus of this server cannot read several runs as one");
  }
}
