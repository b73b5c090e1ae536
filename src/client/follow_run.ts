import { checkRunIds } from "../core/checks.ts";
import { describe, isArray } from "../core/describe.ts";
import type { NoEvents } from "../events/stream_event.ts";
import {
  checkFollowOptions,
  type FollowOptions,
  type FollowRunsOptions,
} from "./follow_options.ts";
import type { FollowedRun } from "./followed_run.ts";
import { Follower } from "./follower.ts";
import { createTarget } from "./request.ts";

/**
 * Follows a run over HTTP until it is closed, over as many connections as it takes.
 *
 * - **Order:** as published, each event once. A `bus.gap` event takes the place of events that the server no
 *   longer has, and says when delivery starts over after a restart. The last event is `bus.end`.
 * - **Connections:** the first is opened when the first event is asked for. A connection that is lost, silent, or
 *   refused for now (408, 425, 429, 5xx) is replaced, and resumes after the last event that was delivered. `retry`
 *   can give up; `state` and `onState` show what happens.
 * - **Backpressure:** nothing is read before it is asked for.
 * - **Bad input:** what can't be used is skipped and passed to `onError`.
 * - **End:** `state.ended` has the reason. Leaving the loop and aborting `signal` close the connection at once and
 *   end the iteration without an error.
 * - **All runs:** the URL may also be the stream of all runs, which begins with what comes and has no end. Its cursor is
 *   a position of the server's bus. What the server no longer has after a reconnect is a `bus.gap` of the run `*`.
 * - **Browsers:** streams to one host over HTTP/1.1 share five connections, in all tabs together, and take turns.
 * - **Another origin:** the server's CORS must allow the header `Last-Event-ID`.
 *
 * The iteration throws a {@linkcode ClientError} if the server refuses (such as 404), or answers something that is
 * no event stream.
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
export function followRun<E extends object = NoEvents>(
  url: string | URL,
  options: FollowOptions<E> = {},
): FollowedRun<E> {
  const owner = "followRun()";
  return follow<E>(owner, url, null, options);
}

/**
 * Follows several runs over one connection at a time: in a browser, each connection that stays open takes one of six.
 *
 * - **Order:** as published, over all of them. A `bus.gap` event and a `bus.end` are of the run that they name.
 * - **End:** with the last of the runs.
 * - **Another run** that is to be followed takes another call, with the cursor of this one and the run in `joining`.
 *
 * Everything else is as for {@linkcode followRun}. The cursor, `state.lastEventId`, is a position of the server's bus.
 *
 * @param url The server's stream of all runs: `/events` below where Locus is mounted.
 * @param runIds Up to 100 runs.
 * @throws {TypeError} If the URL is not one of http or https, a run id is none, or an option is unknown or of the
 * wrong type.
 * @throws {RangeError} If there are no runs or more than 100, or `idleTimeoutMs` or `maxBlockLength` is not a whole
 * number of at least 1.
 *
 * @example Follow two runs
 * ```ts
 * import { followRuns } from "@locus/core/client";
 * import { EventBus } from "@locus/core";
 * import { locus } from "@locus/core/hono";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * for (const run_id of ["a", "b"]) {
 *   bus.publish({ run_id, event_type: "shop.paid", data: { amount: 10 } });
 *   bus.closeStream(run_id);
 * }
 *
 * const app = locus({ bus, authorize: () => true }); // for this example, asked without a network
 * const follow = followRuns("https://example.com/events", ["a", "b"], {
 *   fetch: async (url, init) => await app.request(new URL(url).pathname + new URL(url).search, init),
 * });
 * const seen = [];
 * for await (const event of follow) seen.push(`${event.run_id} ${event.event_type}`);
 * assertEquals(seen, ["a shop.paid", "b shop.paid", "a bus.end", "b bus.end"]);
 * ```
 */
export function followRuns<E extends object = NoEvents>(
  url: string | URL,
  runIds: readonly string[],
  options: FollowRunsOptions<E> = {},
): FollowedRun<E> {
  const owner = "followRuns()";
  if (!isArray(runIds)) {
    throw new TypeError(`${owner}: expected a list of runs, got ${describe(runIds)}`);
  }
  return follow<E>(owner, url, [...checkRunIds(owner, runIds)], options);
}

function follow<E extends object>(
  owner: string,
  url: string | URL,
  runIds: readonly string[] | null,
  options: FollowRunsOptions<E>,
): FollowedRun<E> {
  const several = runIds === null ? [] : ["joining"];
  const settings = { ...checkFollowOptions(owner, options, several), runIds };
  const { joining = [] } = options;
  if (!isArray(joining) || !joining.every((runId) => runIds?.includes(runId))) {
    throw new TypeError(
      `${owner}: "joining" must be a list of these runs, got ${describe(joining)}`,
    );
  }
  const target = createTarget(owner, "Cannot follow", url, options);
  const { searchParams } = target.url;
  if (settings.select.length > 0) searchParams.set("select", settings.select.join());
  for (const runId of runIds ?? []) searchParams.append("run", runId);
  for (const runId of joining) searchParams.append("new", runId);
  return new Follower<E>(target, settings);
}
