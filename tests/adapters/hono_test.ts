import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { type Bus, EventBus, resetEventBus, setEventBus, type SubscribeOptions } from "@locus/core";
import { eventCatalogue } from "@locus/core/events";
import { locus, type LocusErrorContext, type LocusOptions } from "@locus/core/hono";
import { redactingBus } from "@locus/core/redaction";
import { sqliteBus, type SqliteDatabase } from "@locus/core/transports/sqlite";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { follow } from "../harness/support/event_source.ts";
import { summarize } from "../harness/support/read.ts";
import { skipWhen } from "../harness/support/requires.ts";
import { turn } from "../harness/support/until.ts";

function publish(bus: Bus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

/** An app with a run `r` of three events that is closed. */
function createApp(options: Omit<LocusOptions, "bus"> = {}): { app: Hono; bus: EventBus } {
  const bus = new EventBus();
  publish(bus, "r", 1, 2, 3);
  bus.closeStream("r");
  return { app: new Hono().route("/locus", locus({ ...options, bus })), bus };
}

async function typesOf(response: Response): Promise<string[]> {
  return (await follow(response).readAll()).map(({ event_type }) => event_type);
}

const NO_PARENT = { parent_run_id: null, parent_span_id: null, metadata: {} };
const run = ["test.tick", "test.tick", "test.tick", "bus.end"];

// Events of a run

test("GET /runs/:run_id/events streams the run to its end", async () => {
  const { app } = createApp();
  const response = await app.request("/locus/runs/r/events");
  assertEquals(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  assertEquals(await typesOf(response), run);
});

test("GET /runs/:run_id/events resumes after ?after=", async () => {
  const { app } = createApp();
  const all = await follow(await app.request("/locus/runs/r/events")).readAll();
  const response = await app.request(`/locus/runs/r/events?after=${all[1]!.event_id}`);
  assertEquals(response.headers.get("Locus-Recovery"), "exact");
  assertEquals(await typesOf(response), ["test.tick", "bus.end"]);
});

test("Last-Event-ID beats ?after=", async () => {
  const { app } = createApp();
  const all = await follow(await app.request("/locus/runs/r/events")).readAll();
  const response = await app.request(`/locus/runs/r/events?after=${all[0]!.event_id}`, {
    headers: { "Last-Event-ID": all[1]!.event_id },
  });
  assertEquals(await typesOf(response), ["test.tick", "bus.end"]);
});

for (const query of ["?after=", ""]) {
  test(`An empty cursor is none (${query || "header"})`, async () => {
    const { app } = createApp();
    const headers: HeadersInit = query ? {} : { "Last-Event-ID": "" };
    const response = await app.request(`/locus/runs/r/events${query}`, { headers });
    assertEquals(response.headers.get("Locus-Recovery"), "none");
    assertEquals(await typesOf(response), run);
  });
}

for (
  const cursor of ["-1", "1e9", "9007199254740992", "x".repeat(10_000), "other-2", "a b", "%00"]
) {
  test(`The cursor ${cursor.slice(0, 16)} is answered with an explicit restart`, async () => {
    const { app } = createApp();
    const response = await app.request("/locus/runs/r/events", {
      headers: { "Last-Event-ID": cursor },
    });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("Locus-Recovery"), "restarted");
    const [gap, ...rest] = await follow(response).readAll();
    assertEquals(gap!.event_type, "bus.gap");
    assertEquals(gap!.data.reason, cursor === "other-2" ? "new_epoch" : "unknown_cursor");
    assertEquals(rest.map(({ event_type }) => event_type), run);
  });
}

test("GET /runs/:run_id/events answers 204 after the end", async () => {
  const { app } = createApp();
  const all = await follow(await app.request("/locus/runs/r/events")).readAll();
  for (const { event_id } of all.slice(2)) {
    const response = await app.request("/locus/runs/r/events", {
      headers: { "Last-Event-ID": event_id },
    });
    assertEquals(response.status, 204);
  }
});

test("?select= takes types and prefixes, with commas or repeated", async () => {
  const { app, bus } = createApp();
  for (const type of ["a.b", "a.c", "d.e", "f"]) {
    bus.publish<string>({ run_id: "s", event_type: type, data: {} });
  }
  bus.closeStream("s");
  const response = await app.request("/locus/runs/s/events?select=a.*,f&select=g.h");
  assertEquals(await typesOf(response), ["a.b", "a.c", "f", "bus.end"]);
});

for (const select of ["", "a,,b", "a b", "*.a", "%0d%0a", "x".repeat(200), "a,".repeat(70) + "a"]) {
  test(`?select=${select.slice(0, 16)} is refused with a reason`, async () => {
    const { app, bus } = createApp();
    const response = await app.request(`/locus/runs/r/events?select=${select}`);
    assertEquals(response.status, 400);
    assertMatch((await response.json()).error, /"select" must be/);
    assertEquals(bus.stats().active_runs, 0);
  });
}

test("An unknown run is waited for", async () => {
  const { app, bus } = createApp();
  const connection = follow(await app.request("/locus/runs/later/events"));
  publish(bus, "later", 1);
  bus.closeStream("later");
  const events = await connection.readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["test.tick", "bus.end"]);
});

// What Deno's signal says is not used; there, a client that leaves is noticed by the stream's cancel.
const withSignal = skipWhen("Deno" in globalThis, "the signal of a request is not used on Deno");
test("The request's signal ends the stream", withSignal, async () => {
  const { app, bus } = createApp();
  const abort = new AbortController();
  await app.request("/locus/runs/later/events", { signal: abort.signal });
  assertEquals(bus.stats().active_runs, 1);
  abort.abort();
  assertEquals(bus.stats().active_runs, 0);
});

// Run ids

for (
  const runId of [
    "%0d%0aSet-Cookie:x",
    "%0aa",
    "a%00b",
    "%zz",
    "%",
    "a%20b",
    "a%2Fb",
    "%E2%80%A8",
    "é",
    "x".repeat(129),
    "%ff",
  ]
) {
  for (const route of ["events", "history"]) {
    test(`The run id ${runId.slice(0, 20)} is refused at /${route} with a reason`, async () => {
      const { app, bus } = createApp({ authorize: () => true });
      const response = await app.request(`/locus/runs/${runId}/${route}`);
      assertEquals(response.status, 400);
      assertEquals(response.headers.get("Set-Cookie"), null);
      assertMatch((await response.json()).error, /^The run id must be 1 to 128 of/);
      assertEquals(bus.stats().active_runs, 0);
    });
  }
}

for (const runId of ["__proto__", "constructor", "toString", "a%3Ab", "a@b~c+d=e"]) {
  test(`The run id ${runId} is one like others`, async () => {
    const { app, bus } = createApp();
    publish(bus, decodeURIComponent(runId), 1);
    const response = await app.request(`/locus/runs/${runId}/history`);
    assertEquals(response.status, 200);
    assertEquals((await response.json()).events.length, 1);
  });
}

// History

test("GET /runs/:run_id/history answers what is held, oldest first", async () => {
  const { app } = createApp();
  const response = await app.request("/locus/runs/r/history");
  const { run_id, closed, cursor, events } = await response.json();
  assertEquals([run_id, closed], ["r", true]);
  assertEquals(summarize(events), [1, 2, 3]);
  assertEquals(cursor, events[2].event_id);
  assertEquals(response.headers.get("Cache-Control"), "no-store");
});

test("GET /runs/:run_id/history does not wait, and leaves nothing behind", async () => {
  const { app, bus } = createApp();
  publish(bus, "open", 1);
  const open = await (await app.request("/locus/runs/open/history")).json();
  assertEquals([open.closed, summarize(open.events)], [false, [1]]);
  const unknown = await (await app.request("/locus/runs/unknown/history")).json();
  assertEquals([unknown.closed, unknown.events], [false, []]);
  assertEquals(bus.stats().active_runs, 0);
});

test("The stream goes on where the history ends", async () => {
  const { app, bus } = createApp();
  publish(bus, "open", 1, 2);
  const { cursor } = await (await app.request("/locus/runs/open/history")).json();
  const response = await app.request(`/locus/runs/open/events?after=${cursor}`);
  assertEquals(response.headers.get("Locus-Recovery"), "exact");
  const connection = follow(response);
  publish(bus, "open", 3);
  assertEquals(summarize(await connection.read(1)), [3]);
  connection.drop();
});

test("GET /runs/:run_id/history takes ?after= and ?select=, and tells of gaps", async () => {
  const bus = new EventBus({ historyPerRun: 2 });
  publish(bus, "r", 1, 2, 3, 4);
  const app = locus({ bus });
  const all = await (await app.request("/runs/r/history")).json();
  assertEquals(summarize(all.events), ["gap:evicted 1-2", 3, 4]);
  const rest = await (await app.request(`/runs/r/history?after=${all.events[1].event_id}`)).json();
  assertEquals(summarize(rest.events), [4]);
  const none = await (await app.request(`/runs/r/history?after=${all.cursor}`)).json();
  assertEquals(none.events, []);
  const other = await (await app.request("/runs/r/history?select=other.*")).json();
  assertEquals(summarize(other.events), ["gap:evicted 1-2"]);
});

test("GET /runs/:run_id/history?limit= is read to its end in parts", async () => {
  const bus = new EventBus({ historyPerRun: 3 });
  publish(bus, "r", 1, 2, 3, 4, 5);
  bus.closeStream("r");
  const app = locus({ bus });
  const parts: unknown[] = [];
  let after = "";
  for (let isClosed = false; !isClosed;) {
    const { events, closed, cursor } = await (await app.request(`/runs/r/history?limit=2${after}`))
      .json();
    parts.push([summarize(events), closed]);
    [isClosed, after] = [closed, `&after=${cursor}`];
  }
  assertEquals(parts, [[["gap:evicted 1-2", 3], false], [[4, 5], true]]);
  for (const limit of ["0", "-1", "1.5", "x", "1000001"]) {
    const response = await app.request(`/runs/r/history?limit=${limit}`);
    assertEquals(response.status, 400);
    assertEquals(
      (await response.json()).error,
      '"limit" must be a whole number from 1 to 1000000',
    );
  }
});

test("GET /runs/:run_id/history?limit= reads about as much as it answers, of a run in a file", async () => {
  const database = openSqlite(":memory:")!;
  let rows = 0;
  const counting: SqliteDatabase = {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      const count = (found: unknown[]) => {
        if (sql.includes("locus_events")) rows += found.length;
        return found;
      };
      return {
        run: (...values) => statement.run(...values),
        all: (...values) => count(statement.all(...values)),
      };
    },
    close: () => database.close(),
  };
  await using bus = sqliteBus({ database: counting });
  for (let n = 1; n <= 3_000; n++) publish(bus, "r", n);
  await bus.flushed();
  const app = locus({ bus });
  rows = 0;
  const { events } = await (await app.request("/runs/r/history?limit=10")).json();
  assertEquals(events.length, 10);
  assert(rows < 1_000, `${rows} rows were read`);
  await bus.close();
  database.close();
});

// Authorisation

/** Lets everybody read the run that has the name of the user, and `root` all of them. */
function isOwner(c: Context, runId: string | null): boolean {
  const user = c.req.header("X-User");
  return user === "root" || (runId !== null && user === runId);
}

for (const path of ["/runs/r/events", "/runs/r/history", "/events", "/stats"]) {
  test(`${path} is 404 for who may not read it, as if it did not exist`, async () => {
    const { app, bus } = createApp({ authorize: isOwner });
    const headers = { "X-User": "mallory" };
    const response = await app.request(`/locus${path}`, { headers });
    assertEquals([response.status, await response.json()], [404, { error: "Not found" }]);
    const { active_runs, global_subscribers } = bus.stats();
    assertEquals([active_runs, global_subscribers], [0, 0]);
  });
}

test("A run is answered to who may read it", async () => {
  const { app } = createApp({ authorize: isOwner });
  const response = await app.request("/locus/runs/r/events", { headers: { "X-User": "r" } });
  assertEquals(await typesOf(response), run);
});

test("authorize may take its time", async () => {
  const { app } = createApp({ authorize: (_c, runId) => Promise.resolve(runId === "r") });
  assertEquals((await app.request("/locus/runs/r/history")).status, 200);
  assertEquals((await app.request("/locus/runs/q/history")).status, 404);
});

for (const answer of [undefined, null, 1, "yes", {}, Promise.resolve("yes")]) {
  test(`authorize answering ${typeof answer} ${String(answer)} is a no`, async () => {
    const { app } = createApp({ authorize: () => answer as boolean });
    assertEquals((await app.request("/locus/runs/r/history")).status, 404);
  });
}

test("authorize is asked again when a reader comes back", async () => {
  let allowed = true;
  const { app } = createApp({ authorize: () => allowed });
  const all = await follow(await app.request("/locus/runs/r/events")).readAll();
  allowed = false;
  const response = await app.request("/locus/runs/r/events", {
    headers: { "Last-Event-ID": all[0]!.event_id },
  });
  assertEquals(response.status, 404);
});

for (const failure of [new Error("the password is swordfish"), "swordfish", null]) {
  test(`authorize throwing ${typeof failure} is 500, and tells only onError why`, async () => {
    const reports: [unknown, LocusErrorContext][] = [];
    const { app } = createApp({
      authorize() {
        throw failure;
      },
      onError: (error, context) => void reports.push([error, context]),
    });
    const response = await app.request("/locus/runs/r/events");
    assertEquals(response.status, 500);
    const [error, { stage, correlationId }] = reports[0]!;
    assertStrictEquals(error, failure);
    assertEquals(stage, "request");
    const body = await response.text();
    assertEquals(JSON.parse(body), { error: "Internal error", correlation_id: correlationId });
    assertEquals(body.includes("swordfish"), false);
  });
}

test("An onError that throws is dropped", async () => {
  const fail = () => {
    throw new Error("swordfish");
  };
  const { app } = createApp({ authorize: fail, onError: fail });
  const response = await app.request("/locus/runs/r/events");
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("swordfish"), false);
});

// All runs

test("GET /events and /stats do not exist without authorize", async () => {
  const { app } = createApp();
  for (const path of ["/events", "/stats"]) {
    assertEquals((await app.request(`/locus${path}`)).status, 404);
    assertEquals((await app.request(`/locus${path}`, { method: "POST" })).status, 404);
  }
});

test("GET /runs lists an archive by pages, and searches it", async () => {
  const bus = sqliteBus({ path: ":memory:", search: true });
  for (
    const [run_id, text] of [["a", "order 1"], ["b", "order 2"], ["hidden", "order 3"]] as const
  ) {
    bus.publish({ run_id, event_type: "shop.said", data: { text } });
  }
  bus.closeStream("a");
  await bus.flushed();
  const authorize = (_c: Context, runId: string | null) => runId !== "hidden";
  const app = new Hono().route("/locus", locus({ bus: redactingBus(bus), authorize }));
  const get = async (query: string) => {
    const response = await app.request(`/locus/runs${query}`);
    const { runs = [], ...rest } = await response.json() as { runs?: { run_id: string }[] };
    return { status: response.status, runs: runs.map(({ run_id }) => run_id), ...rest } as Record<
      string,
      unknown
    >;
  };
  const first = await get("?limit=2");
  assertEquals(first.runs, ["a"]);
  assertEquals((await get(`?limit=2&before=${first.next}`)).runs, ["b"]);
  assertEquals(await get("?closed=false&prefix=b"), { status: 200, runs: ["b"], next: null });
  const started = { ...NO_PARENT, name: "c", input_preview: "", tags: { team: "a=b", n: "1" } };
  bus.publish({ run_id: "c", event_type: "run.started", data: started });
  await bus.flushed();
  assertEquals((await get("?tag=team%3Da%3Db&tag=n%3D1&state=running")).runs, ["c"]);
  assertEquals((await get("?tag=team%3Da")).runs, []);
  assertEquals((await get("?state=ended&since=2026-01-01")).runs, ["a"]);
  assertEquals((await get("?until=2026-01-01")).runs, []);
  assertEquals([(await get("?model=x")).runs, (await get("?model=")).runs], [[], ["c", "a", "b"]]);
  const found = await get("?search=order");
  assertEquals(found.runs, ["b", "a"]);
  assertEquals(Object.keys(found.matches as object), ["b", "a"]);
  const wrong = [
    "before=x",
    "closed=1",
    "state=odd",
    "tag=x",
    "since=x",
    `search=${"x".repeat(201)}`,
  ];
  for (const query of wrong.map((query) => `?${query}`)) {
    assertEquals((await get(query)).status, 400, query);
  }
  const { app: other } = createApp({ authorize });
  assertEquals((await other.request("/locus/runs?search=a")).status, 400);
  const unsearched = locus({ bus: redactingBus(sqliteBus({ path: ":memory:" })), authorize });
  assertEquals((await unsearched.request("/runs?search=a")).status, 400);
  await bus.close();
});

test("GET /events streams all runs, live", async () => {
  const { app, bus } = createApp({ authorize: isOwner });
  const headers = { "X-User": "root" };
  const response = await app.request("/locus/events", { headers });
  assertEquals(response.headers.get("Locus-Recovery"), "none");
  const connection = follow(response);
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  const events = await connection.read(2);
  assertEquals(events.map(({ run_id, data }) => [run_id, data.n]), [["a", 1], ["b", 2]]);
  connection.drop();
  assertEquals(bus.stats().global_subscribers, 0);
});

test("GET /events says that it cannot resume after what is none of its positions", async () => {
  const { app, bus } = createApp({ authorize: () => true });
  const response = await app.request("/locus/events", { headers: { "Last-Event-ID": "abc-7" } });
  assertEquals(response.headers.get("Locus-Recovery"), "restarted");
  const connection = follow(response);
  publish(bus, "a", 1);
  const events = await connection.read(2);
  assertEquals(summarize(events), ["gap:new_epoch 1-3", 1]);
  assertEquals(events[0]!.run_id, "*");
  connection.drop();
});

test("GET /events takes ?select=", async () => {
  const { app, bus } = createApp({ authorize: () => true });
  const connection = follow(await app.request("/locus/events?select=other.*"));
  publish(bus, "a", 1);
  bus.publish({ run_id: "a", event_type: "other.thing", data: {} });
  const events = await connection.read(1);
  assertEquals(events.map(({ event_type }) => event_type), ["other.thing"]);
  connection.drop();
});

test("GET /stats answers the counters of the bus", async () => {
  const { app, bus } = createApp({ authorize: (_c, runId) => runId === null });
  const stats = await (await app.request("/locus/stats")).json();
  assertEquals(stats, JSON.parse(JSON.stringify(bus.stats())));
  assertEquals(stats.published_events_total, 3);
});

// The rest

test("GET /catalogue answers every event with its documentation", async () => {
  const { app } = createApp({ authorize: () => false });
  const response = await app.request("/locus/catalogue");
  assertEquals(await response.json(), JSON.parse(JSON.stringify(eventCatalogue)));
});

test("HEAD answers the headers, and subscribes nobody", async () => {
  const { app, bus } = createApp({ authorize: () => true });
  for (const path of ["/runs/r/events", "/events"]) {
    const response = await app.request(`/locus${path}`, { method: "HEAD" });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
    assertEquals(await response.text(), "");
  }
  const { active_runs, global_subscribers } = bus.stats();
  assertEquals([active_runs, global_subscribers], [0, 0]);
  assertEquals((await app.request("/locus/runs/r/history", { method: "HEAD" })).status, 200);
});

test("HEAD is authorised like GET", async () => {
  const { app } = createApp({ authorize: () => false });
  const response = await app.request("/locus/runs/r/events", { method: "HEAD" });
  assertEquals(response.status, 404);
});

for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
  test(`${method} is 405, with the methods that are not`, async () => {
    const { app } = createApp();
    for (const path of ["/runs/r/events", "/runs/r/history", "/catalogue"]) {
      const response = await app.request(`/locus${path}`, { method });
      assertEquals([response.status, response.headers.get("Allow")], [405, "GET, HEAD"]);
    }
  });
}

test("Other paths are the app's own", async () => {
  const { app } = createApp();
  app.notFound((c) => c.text("mine", 404));
  for (const path of ["/locus", "/locus/runs", "/locus/runs/r", "/locus/runs//events"]) {
    const response = await app.request(path);
    assertEquals([response.status, await response.text()], [404, "mine"], path);
  }
});

test("No answer allows another origin", async () => {
  const { app } = createApp({ authorize: () => true });
  const headers = { Origin: "https://evil.example" };
  for (const path of ["/runs/r/events", "/runs/r/history", "/stats", "/catalogue", "/nothing"]) {
    const response = await app.request(`/locus${path}`, { headers });
    const allowing = [...response.headers.keys()].filter((name) => name.includes("allow-origin"));
    assertEquals(allowing, [], path);
  }
});

test("hono/cors in front allows what it is told to", async () => {
  const bus = new EventBus();
  bus.closeStream("r");
  const app = new Hono();
  app.use(cors({ origin: "https://good.example" }));
  app.route("/locus", locus({ bus }));
  const response = await app.request("/locus/runs/r/events", {
    headers: { Origin: "https://good.example" },
  });
  assertEquals(response.headers.get("Access-Control-Allow-Origin"), "https://good.example");
  assertEquals(await typesOf(response), ["bus.end"]);
});

test("Without a bus, each request reads the default bus of its time", async () => {
  const app = locus();
  for (const numbers of [[1], [2, 3]]) {
    const bus = new EventBus();
    publish(bus, "r", ...numbers);
    setEventBus(bus);
    const { events } = await (await app.request("/runs/r/history")).json();
    assertEquals(summarize(events), numbers);
  }
  resetEventBus();
});

test("locus() is an app of its own too", async () => {
  const bus = new EventBus();
  bus.closeStream("r");
  assertEquals(await typesOf(await locus({ bus }).request("/runs/r/events")), ["bus.end"]);
});

test("A bus that fails is 500 with a correlation id, and the app lives", async () => {
  const errors: unknown[] = [];
  const broken = Object.assign(Object.create(new EventBus()), {
    subscribe() {
      throw new TypeError("swordfish");
    },
  });
  const app = locus({ bus: broken, onError: (error) => void errors.push(error) });
  for (const path of ["/runs/r/events", "/runs/r/history"]) {
    const response = await app.request(path);
    assertEquals(response.status, 500);
    assertEquals((await response.text()).includes("swordfish"), false);
  }
  assertEquals(errors.length, 2);
});

/** A bus that is elsewhere: when it has looked, its subscriptions say so. */
function createRemoteBus(opened: Promise<void>): { bus: Bus; local: EventBus } {
  const local = new EventBus();
  const bus = Object.assign(Object.create(local), {
    subscribe: (runId: string, options: SubscribeOptions) =>
      Object.assign(local.subscribe(runId, options), { opened }),
    stats: () => local.stats(),
  });
  return { bus, local };
}

for (const path of ["events", "history"]) {
  test(`/runs/:run_id/${path} waits until the bus has looked`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { bus, local } = createRemoteBus(promise);
    let isAnswered = false;
    const answer = Promise.resolve(locus({ bus }).request(`/runs/r/${path}`));
    void answer.then(() => void (isAnswered = true));
    await turn();
    assertEquals(isAnswered, false);
    publish(local, "r", 1);
    resolve();
    const response = await answer;
    if (path === "history") assertEquals(summarize((await response.json()).events), [1]);
    else {
      const connection = follow(response);
      assertEquals(summarize(await connection.read(1)), [1]);
      connection.drop();
    }
    assertEquals(local.stats().active_runs, 0);
  });

  test(`/runs/:run_id/${path} is 503 where the bus cannot be reached`, async () => {
    const errors: unknown[] = [];
    const { bus, local } = createRemoteBus(Promise.reject(new Error("swordfish")));
    const app = locus({ bus, limits: { connections: 1 }, onError: (e) => void errors.push(e) });
    for (let n = 0; n < 2; n++) {
      const response = await app.request(`/runs/r/${path}`);
      assertEquals(response.status, 503);
      assertMatch(response.headers.get("Retry-After")!, /^[1-5]$/);
      assertEquals((await response.text()).includes("swordfish"), false);
    }
    assertEquals([errors.length, local.stats().active_runs], [2, 0]);
  });
}

test("Every JSON answer forbids sniffing and keeping", async () => {
  const { app } = createApp();
  for (const path of ["/runs/r/history", "/runs/%00/history", "/catalogue"]) {
    const { headers } = await app.request(`/locus${path}`);
    assertEquals(headers.get("X-Content-Type-Options"), "nosniff");
    assertEquals(headers.get("Cache-Control"), "no-store");
    assert(headers.get("Content-Type")?.startsWith("application/json"));
  }
});

test("locus() refuses bad options", () => {
  const bad = [
    [{ bus: {} }, TypeError, '"bus" must be an event bus, got an object'],
    [{ bus: null }, TypeError, '"bus" must be an event bus, got null'],
    [{ authorize: true }, TypeError, '"authorize" must be a function, got true'],
    [{ heartbeatMs: 0 }, RangeError, 'locus(): "heartbeatMs" must be'],
    [{ maxLifetimeMs: -1 }, RangeError, 'locus(): "maxLifetimeMs" must be'],
    [{ onError: 7 }, TypeError, '"onError" must be a function, got 7'],
    [{ maxRuns: 1 }, TypeError, 'unknown option "maxRuns"'],
    [{ writeTimeoutMs: "1" }, RangeError, 'locus(): "writeTimeoutMs" must be'],
    [{ revalidateMs: 0 }, RangeError, 'locus(): "revalidateMs" must be'],
    [{ local: 1 }, TypeError, '"local" must be true or false, got 1'],
    [{ ingest: true }, TypeError, '"ingest" needs "authorize", or "local"'],
    [{ onResume() {} }, TypeError, '"onResume" needs "authorize", or "local"'],
    [{ onResume: 7 }, TypeError, '"onResume" must be a function, got 7'],
    [{ local: true, ingest: 7 }, TypeError, "ingest: options must be an object, got 7"],
    [{ local: true, ingest: { max: 7 } }, TypeError, 'ingest: unknown option "max"'],
    [{ local: true, ingest: { maxEvents: 0 } }, RangeError, '"ingest.maxEvents" must be'],
    [{ limits: { connections: 0 } }, RangeError, '"limits.connections" must be'],
    [{ limits: { clientOf: 7 } }, TypeError, '"limits.clientOf" must be a function'],
    [{ limits: { connectionsPerClient: 1 } }, TypeError, 'needs "limits.clientOf"'],
    [{ allowedHosts: "a" }, TypeError, '"allowedHosts" must be an array, got "a"'],
    [{ allowedHosts: ["http://a"] }, TypeError, 'such as "example.com"'],
    [{ allowedOrigins: ["a.com"] }, TypeError, 'such as "https://example.com", got "a.com"'],
    [{ allowedOrigins: ["https://a.com/"] }, TypeError, 'such as "https://example.com"'],
    [{ workbench: 7 }, TypeError, "options must be an object, got 7"],
    [null, TypeError, "options must be an object, got null"],
  ] as const;
  for (const [options, errorClass, message] of bad) {
    assertThrows(() => locus(options as LocusOptions), errorClass, message);
  }
});
