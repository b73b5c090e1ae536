import type { EventCatalogue } from "../events/catalogue/mod.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { checkFollowOptions, type FollowOptions } from "./follow_options.ts";
import type { FollowState } from "./follow_state.ts";
import { Follower } from "./follower.ts";
import { createTarget } from "./request.ts";

/**
 * The events of a run, and how it stands with getting them. It is read once: whoever iterates goes on where
 * the one before stopped.
 */
export interface FollowedRun<E extends object = EventCatalogue>
  extends AsyncIterableIterator<StreamEvent<E>, undefined, undefined> {
  /** How it stands now. */
  readonly state: FollowState;
  /** The next event, or the end. */
  next(): Promise<IteratorResult<StreamEvent<E>, undefined>>;
  /** Leaves: closes the connection at once, and ends whoever waits for an event. */
  return(): Promise<IteratorResult<StreamEvent<E>, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): this;
}

/**
 * Follows a run over HTTP until it is closed, over as many connections as it takes.
 *
 * - **Delivery:** in order, each event once. What a server cannot deliver any more is announced by a `bus.gap`
 *   event, as is that delivery starts anew because the server was restarted. The last event is `bus.end`.
 * - **Connections:** the first is opened when the first event is asked for. One that is lost, refused for now
 *   (408, 425, 429, 5xx), or silent is replaced, from the last event that was delivered on, for ever:
 *   `retry` can give up, and `onState` and `state` say how it stands.
 * - **Backpressure:** nothing is read before it is asked for.
 * - **End:** `state.ended` says why. Leaving the loop and aborting `signal` close the connection at once, and
 *   the iteration ends without an error.
 * - **All runs:** the URL may also be the stream of all runs, which is live only and has no end. After a
 *   reconnect it begins with a `bus.gap` of the run `*`.
 * - **Another origin:** the server's CORS has to allow the header `Last-Event-ID`.
 *
 * The iteration throws a {@linkcode ClientError} if the server refuses (404 and the like), answers something
 * that is no event stream, sends more at once than `maxBlockLength`, or an event that is not valid.
 *
 * @throws {TypeError} If the URL is not one of http or https, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `idleTimeoutMs` or `maxBlockLength` is not a whole number of at least 1.
 *
 * @example Follow a run
 * ```ts
 * import { followRun } from "@locus/core/client";
 * import { EventBus } from "@locus/core";
 * import { locus } from "@locus/core/hono";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } });
 * bus.closeStream("order-42");
 *
 * const app = locus({ bus }); // for this example, asked without a network
 * const follow = followRun("https://example.com/runs/order-42/events", {
 *   fetch: async (url, init) => await app.request(new URL(url).pathname, init),
 * });
 * const types = [];
 * for await (const event of follow) types.push(event.event_type as string);
 * assertEquals(types, ["shop.paid", "bus.end"]);
 * assertEquals(follow.state.ended, { reason: "closed" });
 * ```
 */
export function followRun<E extends object = EventCatalogue>(
  url: string | URL,
  options: FollowOptions = {},
): FollowedRun<E> {
  const owner = "followRun()";
  const settings = checkFollowOptions(owner, options);
  const target = createTarget(owner, "Cannot follow", url, options);
  if (settings.select.length > 0) target.url.searchParams.set("select", settings.select.join());
  return new Follower<E>(target, settings);
}
