/**
 * Follow runs from anywhere: a browser, a script, another service.
 *
 * - {@linkcode followRun} delivers a run's events as they happen, each once. It reconnects by itself, and a
 *   `bus.gap` event tells you what is missing.
 * - {@linkcode followRuns} does the same for several runs over one connection.
 * - {@linkcode runs} lists the runs of a server; {@linkcode findRuns} looks through an archive, a page at a time.
 * - {@linkcode answerInterrupt} answers an agent that waits for a person.
 *
 * It uses `fetch`, so requests can have headers. The server uses `@locus/core/hono`, or `eventStreamResponse` of
 * `@locus/core/sse`.
 *
 * @example Follow a run until it is closed
 * ```ts
 * import { followRun } from "@locus/core/client";
 * import { EventBus } from "@locus/core";
 * import { eventStreamResponse } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { order: 7 } });
 * bus.closeStream("r1");
 *
 * const follow = followRun<{ "shop.paid": { order: number } }>("https://example.com/r1/events", {
 *   headers: () => ({ Authorization: `Bearer ${currentToken()}` }), // called before every connection
 *   fetch: (_url, { headers }) => {
 *     // A server does this. Leave `fetch` out to use the network.
 *     const after = new Headers(headers).get("Last-Event-ID");
 *     return Promise.resolve(eventStreamResponse(bus.subscribe("r1", { after })));
 *   },
 * });
 *
 * const orders = [];
 * for await (const event of follow) {
 *   if (event.event_type === "shop.paid") orders.push(event.data.order);
 * }
 * assertEquals(orders, [7]);
 *
 * function currentToken(): string {
 *   return "t0ken";
 * }
 * ```
 *
 * @module
 */

export { followRun, followRuns } from "./follow_run.ts";
export type { FollowedRun } from "./followed_run.ts";
export type { FollowFailure, FollowOptions, FollowRunsOptions } from "./follow_options.ts";
export type { FollowEnd, FollowPhase, FollowState } from "./follow_state.ts";

export { findRuns, runs } from "./runs.ts";
export type { FindRunsRequest, FoundRunsPage, RunsOptions } from "./runs.ts";
export type { ModelTokens, RunQuestion, RunState, RunSummary } from "../view/run_summary.ts";

export { answerInterrupt, type AnswerOptions, type InterruptAnswer } from "./answer_interrupt.ts";

export { ClientError, type ClientErrorCode, type ClientErrorOptions } from "./client_error.ts";
export type { ClientOptions, RequestHeaders } from "./request.ts";
