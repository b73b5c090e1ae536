/**
 * Locus in a Hono app: the routes by which a screen, a script or another service follows runs.
 *
 * It works wherever Hono does. On Workers, set the compatibility flag `enable_request_signal`, because some
 * releases of workerd report only there that a client has left. A bus in memory belongs to one isolate: keep it in a
 * Durable Object if publishers and clients must share it.
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
import { Hono } from "hono";
import { getEventBus } from "../core/run/shared.ts";
import { eventCatalogue } from "../events/catalogue/mod.ts";
import { Access } from "./hono/access.ts";
import { exportRun, importRuns } from "./hono/carry_runs.ts";
import { readHistory } from "./hono/history.ts";
import { ingest, INGEST_TYPES } from "./hono/ingest.ts";
import { type LocusOptions, readLocusOptions } from "./hono/locus_options.ts";
import { producerOf } from "./hono/producer_headers.ts";
import { limitOf, runQueryOf, runsOf } from "./hono/query.ts";
import { cursorOf, fromOf, selectOf } from "./http/stream_query.ts";
import { guardPost, guardRequest } from "./http/request_guard.ts";
import { answerError, json } from "./http/responses.ts";
import { Answers } from "./hono/resume.ts";
import { addRoute, type Answers as RouteAnswers } from "./hono/router.ts";
import { RunList } from "./hono/run_list.ts";
import { mountScreens } from "./hono/screens.ts";
import { openStream, subscribeToSeveral } from "./hono/stream.ts";
import { mountWorkbench } from "./hono/workbench.ts";

export type { LocusErrorContext, LocusOptions } from "./hono/locus_options.ts";
export type { LocusLimits } from "./http/connections.ts";
export type { IngestOptions } from "./hono/ingest.ts";
export type { ResumeHandler, ResumeRequest } from "./hono/resume.ts";
export type { WorkbenchOptions, WorkbenchPrices } from "../workbench/config.ts";

/**
 * The routes of Locus, to be mounted with `app.route("/locus", locus())`.
 *
 * | route | answers | exists |
 * |---|---|---|
 * | `GET /runs/:run_id/events` | the run as an event stream: {@linkcode eventStreamResponse} | always |
 * | `GET /runs/:run_id/history` | what is held of the run, as JSON: `run_id`, `closed`, `cursor`, `events`, `?limit=` of them (all) | always |
 * | `GET /runs/:run_id/export` | the run as lines of JSON, for `POST /import`; needs an archive | always |
 * | `GET /runs/:run_id/ag-ui` | the run as a stream of AG-UI 1.0: `@locus/core/ag-ui` | always |
 * | `GET /runs/:run_id/ui-message-stream` | the run as a message of the AI SDK: `@locus/core/ui-message-stream` | always |
 * | `GET /catalogue` | every event type with its documentation | always |
 * | `GET /runs` | `{ runs }`: a summary of each run that may be read, `?limit=` of them (100) | if opened |
 * | `GET /events` | all runs as an event stream; with `?run=a&run=b`, these | if opened |
 * | `GET /stats` | the counters of the bus | if opened |
 * | `POST /events` | takes in events of other processes | with `ingest` |
 * | `POST /import` | stores recorded runs under their times; needs an archive | with `ingest` |
 * | `POST /runs/:run_id/resume` | takes the answer to an agent's question | with `onResume` |
 * | `GET /` | the workbench | with `workbench` |
 *
 * - **Opened** is a mount by `authorize`, which decides, or by `local`, for your own machine.
 * - **Resuming:** the header `Last-Event-ID`, else `?after=`, is the `id` of the last event that arrived: for a run
 *   its `event_id`, for all or several runs a position in the order of the bus. A cursor that means nothing is
 *   answered with an explicit restart.
 * - **Starting:** a run starts with its history, with `?from=live` with what comes, with `?from=-20` with its last 20
 *   events. All runs start with what comes.
 * - **AG-UI** is resumed and selected from likewise: it is valid from everywhere on. The **UI message stream** is the
 *   whole run, for the AI SDK replaces what it has of the message; a run that is over is answered 204, as its `resume` wants
 *   it, but for `?from=history`.
 * - **Several runs** (up to 100) on one connection: `GET /events?run=a&run=b`. `authorize` is asked for each of them.
 *   There is a `bus.end` for each, and the stream ends with the last. A run that joins when the stream is resumed,
 *   and whose history is wanted, is named as `?new=c`.
 * - **Selecting:** `?select=agent.tool.*,agent.terminate`, also repeated.
 * - **Unknown runs** are waited for, because the first client of a run may well be faster than the run: the
 *   stream stays open, and the history is empty.
 * - **The list** begins with the run in which something happened last. With `authorize`, each run that may be
 *   listed is asked for by its id, newest first, until `limit` is reached. So the list holds what the client may
 *   read, and is empty, not 404, for one that may read nothing. A summary counts what the bus holds: of a longer
 *   run, `missed_events` says how much is not in it.
 * - **Taking in:** an event, a list of them, or one a line (`application/x-ndjson`), each with `run_id`,
 *   `event_type` and `data`; a catalogue's event is checked against its schema. The bus assigns new ids and timestamps.
 *   `bus.end` closes the run. `authorize` is asked with `null` before the body is read, and then once for each
 *   run. The answer comes when the events are stored, and has `accepted` (how many) and `rejected` (`index` and
 *   `error` of each): 200 if all were accepted, else 422. A request that is refused as a whole has published
 *   nothing, but for 503: within 5 seconds, not all of it could be stored.
 * - **Repeating:** with the headers `Producer-Id`, `Producer-Seq` (a number that goes up with each request) and
 *   `Producer-Epoch` (0), a request that is sent again is stored once, and answered with `duplicate: true` if
 *   nothing was left to store. An epoch that is older than the newest of a run is answered 403, with that one as
 *   `epoch` and in `Producer-Epoch`: see `append()` of the bus. Without them, or on a bus of your own that
 *   has no `append()`, what is sent again is published again.
 * - **Importing:** events as lines of JSON, of any length; `ingest.maxBodyBytes` bounds a line. The answer counts what is
 *   `imported` and `skipped` of each run, and what is `invalid`: a run that is there is never changed.
 * - **Answering:** `{ "interrupt_id": …, "response": … }` is answered 202 as soon as `onResume` has it; 409 if
 *   no run waits for it, or if another request is answering the same question.
 * - **Limits:** one stream too many is answered 503 with `Retry-After`. Of one client (`limits.clientOf`), the
 *   newest stream replaces the oldest.
 * - **Errors** are JSON, `{ "error": … }`: 400 for what cannot be read, 403 if the host, the origin, the type of
 *   content or a proxy speaks against the request, 404 for what may not be read, 500 with a `correlation_id`.
 * - **CORS:** none; put `hono/cors` in front if pages of another origin must read.
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
      const selected = { after: cursorOf(c), from: fromOf(c), select: selectOf(c) };
      const subscribe = () => currentBus().subscribe(runId, selected);
      return openStream(c, [runId], subscribe, settings, access);
    },
  });

  route("/runs/:run_id/history", {
    async GET(c) {
      const runId = await access.runOf(c);
      const limit = limitOf(c, Infinity, 1_000_000);
      const selected = { after: cursorOf(c), select: selectOf(c), limit };
      return json(c, 200, await readHistory(currentBus(), runId, selected, report));
    },
  });

  route("/runs/:run_id/export", {
    GET: async (c) => exportRun(currentBus(), await access.runOf(c)),
  });

  mountScreens(route, settings, access, currentBus);

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

  // Without `authorize` or `local`, these routes do not exist.
  if (settings.isOpen) {
    const runList = new RunList();

    route("/runs", {
      async GET(c) {
        const isReadable = (runId: string) => access.allows(c, runId);
        const limit = limitOf(c, 100, 1_000);
        const page = await runList.list(currentBus(), limit, runQueryOf(c), isReadable);
        return json(c, 200, page);
      },
    });

    if (ingestOptions) {
      route("/import", {
        async POST(c) {
          guardPost(c, guard.origins, ["application/x-ndjson"]);
          await access.check(c, null);
          return json(
            c,
            200,
            await importRuns(c, currentBus(), ingestOptions.maxBodyBytes, access),
          );
        },
      });
    }

    route("/events", {
      async GET(c) {
        const joining = runsOf(c, "new");
        const runIds = runsOf(c, "run", joining);
        const selected = { after: cursorOf(c), select: selectOf(c) };
        const from = fromOf(c);
        await access.checkAll(c, runIds);
        return openStream(
          c,
          runIds,
          () => {
            const bus = currentBus();
            return runIds.length === 0
              ? bus.subscribeGlobal(selected)
              : subscribeToSeveral(bus, runIds, { ...selected, from, joining });
          },
          settings,
          access,
        );
      },
      POST: ingestOptions && (async (c) => {
        guardPost(c, guard.origins, INGEST_TYPES);
        // Before the body is read: an unknown sender costs no more than this question, and learns nothing.
        await access.check(c, null);
        const sender = { producer: producerOf(c), report };
        const result = await ingest(c, currentBus(), ingestOptions, access, sender);
        const { epoch, rejected } = result;
        if (epoch !== undefined) return json(c, 403, result, { "Producer-Epoch": String(epoch) });
        return json(c, rejected.length === 0 ? 200 : 422, result);
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
