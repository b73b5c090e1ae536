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
import { getEventBus } from "../core/shared.ts";
import { eventCatalogue } from "../events/catalogue/mod.ts";
import { Access } from "./_access.ts";
import { readHistory } from "./_history.ts";
import { ingest, INGEST_TYPES } from "./_ingest.ts";
import { type LocusOptions, readLocusOptions } from "./_locus_options.ts";
import { cursorOf, limitOf, selectOf } from "./_query.ts";
import { guardPost, guardRequest } from "./_request_guard.ts";
import { answerError, json } from "./_responses.ts";
import { Answers } from "./_resume.ts";
import { addRoute, type Answers as RouteAnswers } from "./_router.ts";
import { RunList } from "./_run_list.ts";
import { openStream } from "./_stream.ts";
import { mountWorkbench } from "./_workbench.ts";

export type { LocusErrorContext, LocusOptions } from "./_locus_options.ts";
export type { LocusLimits } from "./_connections.ts";
export type { IngestOptions } from "./_ingest.ts";
export type { ResumeHandler, ResumeRequest } from "./_resume.ts";
export type { WorkbenchOptions, WorkbenchPrices } from "../workbench/config.ts";

/**
 * The routes of Locus, to be mounted with `app.route("/locus", locus())`.
 *
 * | route | answers | exists |
 * |---|---|---|
 * | `GET /runs/:run_id/events` | the run as an event stream: {@linkcode eventStreamResponse} | always |
 * | `GET /runs/:run_id/history` | what is held of the run, as JSON: `run_id`, `closed`, `cursor`, `events` | always |
 * | `GET /catalogue` | every event type with its documentation | always |
 * | `GET /runs` | `{ runs }`: a summary of each run that may be read, `?limit=` of them (100) | if opened |
 * | `GET /events` | all runs as an event stream, live only | if opened |
 * | `GET /stats` | the counters of the bus | if opened |
 * | `POST /events` | takes events in from elsewhere | with `ingest` |
 * | `POST /runs/:run_id/resume` | takes the answer to an agent's question | with `onResume` |
 * | `GET /` | the workbench | with `workbench` |
 *
 * - **Opened** is a mount by `authorize`, which decides, or by `local`, for your own machine.
 * - **Resuming:** the header `Last-Event-ID`, else `?after=`, is the `event_id` to go on after. A cursor
 *   that means nothing is answered with an explicit restart.
 * - **Selecting:** `?select=agent.tool.*,agent.terminate`, also repeated.
 * - **Unknown runs** are waited for, because whoever starts a run may well be slower than its first
 *   reader: the stream stays open, and the history is empty.
 * - **The list** begins with the run in which something happened last. With `authorize`, each run is asked for
 *   by its id, so it holds those that the client may read, and is empty, not 404, for who may read none. A
 *   summary counts what the bus holds, so for a run that was longer its `missed_events` says how much is not
 *   in it.
 * - **Taking in:** an event, a list of them, or one a line (`application/x-ndjson`), each with `run_id`,
 *   `event_type` and `data`; what a catalogue's event must hold is checked. Ids and times are given anew.
 *   `bus.end` closes the run. Answered with `accepted` (how many) and `rejected` (`index` and `error` of
 *   each); 200 if all were accepted, else 422.
 * - **Answering:** `{ "interrupt_id": …, "response": … }` is answered 202 as soon as `onResume` has it; 409 if
 *   nobody waits for it, or if the same question is just being answered.
 * - **Limits:** a stream too many is answered 503, or 429 if it is the client's own limit, with
 *   `Retry-After`.
 * - **Errors** are JSON, `{ "error": … }`: 400 for what cannot be read, 403 for requests that the host, the
 *   origin or the type of content speaks against, 404 for what may not be read, 500 with a
 *   `correlation_id`.
 * - **CORS:** none; put `hono/cors` in front where another origin shall read.
 *
 * @throws {TypeError} If an option is unknown, of the wrong type, or without another one that it needs.
 * @throws {RangeError} If a number is out of range.
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
 *
 * @example Everything, on your own machine
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { locus } from "@locus/core/hono";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const app = locus({ bus, local: true, workbench: true, ingest: true });
 *
 * await app.request("http://localhost:8000/events", {
 *   method: "POST",
 *   headers: { "Content-Type": "application/json" },
 *   body: JSON.stringify({ run_id: "order-42", event_type: "shop.paid", data: { amount: 10 } }),
 * });
 * const { runs } = await (await app.request("http://localhost:8000/runs")).json();
 * assertEquals(runs[0].run_id, "order-42");
 * assertEquals((await app.request("http://evil.example/runs")).status, 403);
 * ```
 */
export function locus(options: LocusOptions = {}): Hono {
  const settings = readLocusOptions("locus()", options);
  const { guard, ingest: ingestOptions, onResume, workbench, report } = settings;
  const access = new Access(settings.authorize);
  const currentBus = () => settings.bus ?? getEventBus();
  const app = new Hono();
  const route = (path: string, answers: RouteAnswers) => addRoute(app, path, answers, report);

  app.use("*", async (c, next) => {
    try {
      guardRequest(c, guard);
    } catch (error) {
      return answerError(c, error, report);
    }
    await next();
  });

  route("/runs/:run_id/events", {
    async GET(c) {
      const runId = await access.runOf(c);
      const selected = { after: cursorOf(c), select: selectOf(c) };
      return openStream(c, runId, () => currentBus().subscribe(runId, selected), settings, access);
    },
  });

  route("/runs/:run_id/history", {
    async GET(c) {
      const runId = await access.runOf(c);
      const selected = { after: cursorOf(c), select: selectOf(c) };
      return json(c, 200, await readHistory(currentBus(), runId, selected, report));
    },
  });

  route("/catalogue", { GET: (c) => json(c, 200, eventCatalogue) });

  if (onResume !== undefined) {
    const answers = new Answers(onResume);
    route("/runs/:run_id/resume", {
      async POST(c) {
        guardPost(c, guard.origins, ["application/json"]);
        return json(c, 202, await answers.take(c, await access.runOf(c)));
      },
    });
  }

  // Unless somebody decides who may, these do not exist.
  if (settings.isOpen) {
    const runList = new RunList();
    const isReadable = (c: Context) => (runId: string) => access.allows(c, runId);

    route("/runs", {
      GET: async (c) =>
        json(c, 200, { runs: await runList.list(currentBus(), limitOf(c), isReadable(c)) }),
    });

    route("/events", {
      async GET(c) {
        await access.check(c, null);
        const select = selectOf(c);
        return openStream(
          c,
          null,
          () => currentBus().subscribeGlobal({ select }),
          settings,
          access,
        );
      },
      POST: ingestOptions && (async (c) => {
        guardPost(c, guard.origins, INGEST_TYPES);
        const result = await ingest(c, currentBus(), ingestOptions, isReadable(c));
        return json(c, result.rejected.length === 0 ? 200 : 422, result);
      }),
    });

    route("/stats", {
      async GET(c) {
        await access.check(c, null);
        return json(c, 200, currentBus().stats());
      },
    });
  }

  if (workbench !== null) mountWorkbench(app, workbench, report);

  return app;
}
