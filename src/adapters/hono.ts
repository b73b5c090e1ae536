/**
 * Locus in a Hono app: the routes by which a screen, a script or another service follows runs.
 *
 * It works wherever Hono does. On Workers, set the compatibility flag `enable_request_signal`, because some
 * releases of workerd tell nobody else that a client has left; and a bus in memory is one isolate's: keep it
 * in a Durable Object if publishers and readers shall meet.
 *
 * @example Mount it
 * ```ts
 * import { Hono } from "hono";
 * import { EventBus } from "@locus/core";
 * import { locus } from "@locus/core/hono";
 * import { fromSse } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const app = new Hono();
 * app.route("/locus", locus({ bus })); // serve `app` with Deno.serve, Bun, Workers, @hono/node-server
 *
 * bus.publish({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } });
 * bus.closeStream("order-42");
 *
 * const { body } = await app.request("/locus/runs/order-42/events");
 * const types = [];
 * for await (const event of body!.pipeThrough(fromSse())) types.push(event.event_type);
 * assertEquals(types, ["shop.paid", "bus.end"]);
 * ```
 *
 * @module
 */
import { type Context, Hono } from "hono";
import type { Bus } from "../core/bus.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import { compileSelect } from "../core/select.ts";
import { getEventBus } from "../core/shared.ts";
import { eventCatalogue } from "../events/catalogue/mod.ts";
import { isRunId, RUN_ID_RULE } from "../events/identifiers.ts";
import { disconnectSignal } from "../runtime/disconnect_signal.ts";
import { makeRestart } from "../sse/control_events.ts";
import { openEventStream, STREAM_HEADERS } from "../sse/response.ts";
import { checkStreamOptions, type EventStreamOptions } from "../sse/stream_options.ts";
import { readHistory } from "./_history.ts";

/** Where an error that is reported came up, and how it can be found. */
export interface LocusErrorContext {
  /** Before the answer was begun (`request`), or while it was being streamed (`stream`). */
  readonly stage: "request" | "stream";
  /** All that the client is told: in the body of a 500, or in a `bus.error` event. */
  readonly correlationId: string;
}

/** Options of {@linkcode locus}. */
export interface LocusOptions extends Pick<EventStreamOptions, "heartbeatMs" | "maxLifetimeMs"> {
  /** The bus that is served. @default {the default bus, as it is at each request} */
  bus?: Bus;
  /**
   * Whether a request may read a run; `runId` is null where it is about all runs. Anything but `true` is
   * answered 404, as if there were nothing; a throw is answered 500, and reported.
   *
   * Without it, whoever knows a run's id may read the run (an id that Locus makes cannot be guessed), and
   * nobody may read all runs.
   */
  authorize?: (c: Context, runId: string | null) => boolean | Promise<boolean>;
  /**
   * Told why a request or a stream failed; the client is told no more than the correlation id. What it
   * throws is dropped.
   *
   * @default {a handler that prints to the console}
   */
  onError?: (error: unknown, context: LocusErrorContext) => void;
}

/**
 * The routes of Locus, to be mounted with `app.route("/locus", locus())`.
 *
 * | route | answers |
 * |---|---|
 * | `GET /runs/:run_id/events` | the run as an event stream: {@linkcode eventStreamResponse} |
 * | `GET /runs/:run_id/history` | what is held of the run, as JSON: `run_id`, `closed`, `cursor`, `events` |
 * | `GET /events` | all runs as an event stream, live only; needs `authorize` |
 * | `GET /stats` | the counters of the bus; needs `authorize` |
 * | `GET /catalogue` | every event type with its documentation |
 *
 * - **Resuming:** the header `Last-Event-ID`, else `?after=`, is the `event_id` to go on after. A cursor
 *   that means nothing is answered with an explicit restart.
 * - **Selecting:** `?select=agent.tool.*,agent.terminate`, also repeated.
 * - **Unknown runs** are waited for, because whoever starts a run may well be slower than its first
 *   reader: the stream stays open, and the history is empty.
 * - **Errors** are JSON, `{ "error": … }`: 400 for what cannot be a run id or a selection, 404 for what
 *   may not be read, 500 with a `correlation_id`.
 * - **CORS:** none; put `hono/cors` in front where another origin shall read.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `heartbeatMs` or `maxLifetimeMs` is out of range.
 *
 * @example Only the owner of a run
 * ```ts
 * import { locus } from "@locus/core/hono";
 * import { assertEquals } from "@std/assert";
 *
 * const owners = new Map([["order-42", "ada"]]);
 * const app = locus({
 *   authorize: (c, runId) => runId !== null && owners.get(runId) === c.req.header("X-User"),
 * });
 *
 * const url = "/runs/order-42/history";
 * assertEquals((await app.request(url, { headers: { "X-User": "ada" } })).status, 200);
 * assertEquals((await app.request(url, { headers: { "X-User": "bob" } })).status, 404);
 * ```
 */
export function locus(options: LocusOptions = {}): Hono {
  const owner = "locus()";
  checkOptions(owner, options, ["bus", "authorize", "heartbeatMs", "maxLifetimeMs", "onError"]);
  const { bus, authorize, heartbeatMs, maxLifetimeMs, onError = printError } = options;
  if (bus !== undefined && typeof (bus as Partial<Bus> | null)?.subscribe !== "function") {
    throw new TypeError(`${owner}: "bus" must be an event bus, got ${describe(bus)}`);
  }
  checkFunction(owner, "authorize", authorize);
  const settings = checkStreamOptions(owner, { heartbeatMs, maxLifetimeMs, onError });
  const currentBus = () => bus ?? getEventBus();
  const app = new Hono();

  get("/runs/:run_id/events", async (c) => {
    const runId = await readableRun(c);
    const select = selectOf(c);
    // Its body would not be read, nor cancelled.
    if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
    const subscription = currentBus().subscribe(runId, { after: cursorOf(c), select });
    return openEventStream(subscription, { ...settings, signal: disconnectSignal(c.req.raw) });
  });

  get("/runs/:run_id/history", async (c) => {
    const runId = await readableRun(c);
    const after = cursorOf(c);
    return json(c, 200, await readHistory(currentBus(), runId, { after, select: selectOf(c) }));
  });

  get("/catalogue", (c) => json(c, 200, eventCatalogue));

  // Without an authoriser these do not exist.
  if (authorize !== undefined) {
    get("/events", async (c) => {
      await check(c, null);
      const select = selectOf(c);
      if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
      const subscription = currentBus().subscribeGlobal({ select });
      const restart = cursorOf(c) === null ? undefined : makeRestart(subscription);
      return openEventStream(
        subscription,
        { ...settings, signal: disconnectSignal(c.req.raw) },
        restart,
      );
    });

    get("/stats", async (c) => {
      await check(c, null);
      return json(c, 200, currentBus().stats());
    });
  }

  return app;

  function get(path: string, answer: (c: Context) => Response | Promise<Response>): void {
    app.get(path, async (c) => {
      try {
        return await answer(c);
      } catch (error) {
        if (error instanceof Refusal) return json(c, error.status, { error: error.message });
        const correlationId = report(error);
        return json(c, 500, { error: "Internal error", correlation_id: correlationId });
      }
    });
    app.all(path, (c) => {
      c.header("Allow", "GET, HEAD");
      return json(c, 405, { error: "Only GET and HEAD are answered here" });
    });
  }

  async function readableRun(c: Context): Promise<string> {
    const runId = c.req.param("run_id");
    if (!isRunId(runId)) throw new Refusal(400, `The run id must be ${RUN_ID_RULE}`);
    await check(c, runId);
    return runId;
  }

  async function check(c: Context, runId: string | null): Promise<void> {
    // Only true is a yes: a forgotten return must not open anything.
    if (authorize !== undefined && await authorize(c, runId) !== true) {
      throw new Refusal(404, "Not found");
    }
  }

  function report(error: unknown): string {
    const correlationId = crypto.randomUUID();
    try {
      onError(error, { stage: "request", correlationId });
    } catch { /* nobody is left to tell */ }
    return correlationId;
  }
}

/** An answer that the client is to blame for. */
class Refusal extends Error {
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where to go on: the header is what a browser sends by itself, so it is the newer one. */
function cursorOf(c: Context): string | null {
  return c.req.header("Last-Event-ID") || c.req.query("after") || null;
}

function selectOf(c: Context): string[] | undefined {
  const select = c.req.queries("select")?.flatMap((list) => list.split(","));
  try {
    compileSelect("Cannot select", select);
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
  return select;
}

function json(c: Context, status: 200 | 400 | 404 | 405 | 500, body: object): Response {
  return c.json(body, status, {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
}

function printError(error: unknown, { stage, correlationId }: LocusErrorContext): void {
  console.error(`Locus: a ${stage} failed (${correlationId}):`, error);
}
