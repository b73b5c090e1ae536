/**
 * A run that goes on in another process: a request, or a message of a queue, carries the run's id in its headers,
 * and what the other side does there is seen in the caller's run.
 *
 * - {@linkcode runHeaders} writes the headers, {@linkcode runContextFrom} works in the run that they name.
 * - **Off by default:** no header is sent or read unless you call one of them.
 * - **Where the events go** is the bus's business: give both processes one over Redis or NATS, or take events in
 *   over HTTP (`locus({ ingest: true })`).
 *
 * | header | holds |
 * |---|---|
 * | `locus-run` | the run's id: 1 to 128 of A-Z a-z 0-9 _.:@~+=- |
 * | `locus-span` | the span around the call: 16 hexadecimal digits, or 8 |
 * | `traceparent` | the same for tracers: {@linkcode traceOf} |
 *
 * @example A server whose handlers work in the caller's run
 * ```ts
 * import { Hono } from "hono";
 * import { emit, EventBus, runContext } from "@locus/core";
 * import { runContextFrom, runHeaders } from "@locus/core/propagation";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const kitchen = new Hono();
 * kitchen.use((c, next) => runContextFrom(c.req.raw.headers, { bus }, () => next()));
 * kitchen.post("/cook", (c) => {
 *   emit("kitchen.cooked", { dish: "soup" });
 *   return c.text("done");
 * });
 *
 * await runContext({ runId: "order-42" }, async () => {
 *   await kitchen.request("/cook", { method: "POST", headers: runHeaders() });
 * });
 * assertEquals(bus.history()[0]?.run_id, "order-42");
 * ```
 *
 * @module
 */
export { runHeaders, type RunHeadersOptions } from "./run_headers.ts";
export { runContextFrom, type RunContextFromOptions } from "./run_context_from.ts";
export { readRunHeaders } from "./read_run_headers.ts";
export type { IgnoredHeader, IncomingRun, RunHeaderName } from "./read_run_headers.ts";
export type { HeaderSource } from "./header_values.ts";
export { type TraceContext, traceOf } from "./trace_context.ts";
