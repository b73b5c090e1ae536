/**
 * What a server has to withstand, on real servers: a test for each threat that concerns one.
 *
 * Elsewhere: names that objects inherit (`ingest_test.ts`), hosts and origins in all their forms
 * (`local_test.ts`, `resume_test.ts`), the limits one by one (`limits_test.ts`), the renewal of permissions
 * (`revalidate_test.ts`), the page's headers (`workbench_test.ts`), bounds of the bus (`tests/core`), the
 * decoder's bound (`tests/sse`), the page's output (`tests/workbench`), secrets in previews
 * (`tests/redaction`), terminals (`tests/cli`).
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Context } from "hono";
import { connect } from "../harness/support/event_source.ts";
import { type AnyEvent, summarize } from "../harness/support/read.ts";
import { rawRequest } from "../harness/support/raw_request.ts";
import { requestSlowly } from "../harness/support/slow_client.ts";
import { turn, until } from "../harness/support/until.ts";
import { publish, testHttp } from "./_http.ts";

const json = { "Content-Type": "application/json" };

/** Lets everybody have to do with the run that has the user's name. */
const ownRun = (c: Context, runId: string | null) => runId === c.req.header("x-user");

testHttp("security: SSE field injection – an event type cannot forge an event", {
  busOptions: { onError: () => {} },
}, async ({ bus, events }) => {
  for (const end of ["\n", "\r", "\r\n", "\0", "\u2028"]) {
    bus.publish<string>({ run_id: "r", event_type: `a${end}data: forged`, data: {} });
  }
  publish(bus, 1);
  bus.publish({
    run_id: "r",
    event_type: "test.tick",
    data: { n: 2, text: "\n\ndata: forged\r\r" },
  });
  bus.closeStream("r");
  const connection = await connect(events);
  assertEquals((await connection.readAll()).map(({ event_type }) => event_type), [
    "test.tick",
    "test.tick",
    "bus.end",
  ]);
});

testHttp("security: header injection – a run id cannot set a header", {}, async ({ bus, url }) => {
  for (const runId of ["%0d%0aSet-Cookie:x", "a%0aSet-Cookie:%20x=y", "%00", "%zz"]) {
    const response = await fetch(`${url}/runs/${runId}/events`);
    assertEquals(response.status, 400);
    assertEquals(response.headers.get("set-cookie"), null);
    assertMatch((await response.json()).error, /^The run id must be/);
  }
  assertEquals(bus.stats().active_runs, 0);
});

testHttp("security: run-id guessing – another user's run is answered as if there were none", {
  authorize: ownRun,
  ingest: true,
  onResume() {},
}, async ({ bus, url }) => {
  publish(bus, 1);
  const headers = { "x-user": "mallory" };
  const seen = async (response: Response) => {
    const kept = [...response.headers].filter(([name]) => name !== "date");
    return [response.status, kept, await response.text()];
  };
  for (const path of ["events", "history"]) {
    const existing = await seen(await fetch(`${url}/runs/r/${path}`, { headers }));
    assertEquals(existing[0], 404);
    assertEquals(existing, await seen(await fetch(`${url}/runs/unknown/${path}`, { headers })));
  }
  for (const path of ["events", "stats"]) {
    assertEquals((await seen(await fetch(`${url}/${path}`, { headers })))[0], 404);
  }
  assertEquals(await (await fetch(`${url}/runs`, { headers })).json(), { runs: [] });
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: "POST",
      headers: { ...headers, ...json },
      body: JSON.stringify(body),
    });
  const answer = await post("/runs/r/resume", { interrupt_id: "i", response: 1 });
  assertEquals((await seen(answer))[0], 404);
  const event = await post("/events", { run_id: "r", event_type: "test.tick", data: {} });
  assertEquals((await seen(event))[0], 404);
  assertEquals(bus.history().length, 1);
  const connection = await connect(`${url}/runs/r/events`, { "x-user": "r" });
  assertEquals(summarize(await connection.read(1)), [1]);
  connection.drop();
});

testHttp("security: global stream – without authorize there is none", {}, async ({ url }) => {
  for (const path of ["/events", "/stats", "/runs"]) {
    const response = await fetch(url + path);
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }
});

const token = { isValid: true };
testHttp("security: token expiry – a stream is closed at the next heartbeat", {
  authorize: () => token.isValid,
  heartbeatMs: 50,
}, async ({ bus, events }) => {
  token.isValid = true;
  const connection = await connect(events);
  publish(bus, 1);
  await connection.read(1);
  token.isValid = false;
  const beats = connection.comments.length;
  assertEquals(summarize(await connection.readAll()), [1]);
  // One may have been under way.
  assert(connection.comments.length <= beats + 1, connection.comments.join());
  const again = await connect(events, { "Last-Event-ID": connection.ids.at(-1)! });
  assertEquals(again.response.status, 404);
  token.isValid = true;
});

testHttp("security: CORS – no other origin is let in", { local: true }, async ({ url, events }) => {
  for (const origin of ["https://evil.example", "null"]) {
    for (const target of [`${url}/runs`, events, `${url}/events`]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { status, head } = await rawRequest(target, { method, headers: { Origin: origin } });
        assertEquals([status, /access-control/i.test(head)], [403, false]);
      }
    }
  }
});

testHttp("security: DNS rebinding – another host is refused on every route", {
  local: true,
  workbench: true,
  ingest: true,
  onResume() {},
}, async ({ bus, url }) => {
  const { port } = new URL(url);
  publish(bus, 1);
  const paths = ["", "/", "/runs", "/runs/r/events", "/runs/r/history", "/events", "/stats"];
  for (const host of [`evil.com:${port}`, `localhost.evil.com:${port}`, "evil.com"]) {
    for (const path of paths) {
      const response = await rawRequest(url + path, { headers: { Host: host } });
      assertEquals([response.status, response.body.includes("test.tick")], [403, false], path);
    }
    // The browser takes the page for the server's own, and says so.
    const headers = {
      Host: host,
      Origin: `http://${host}`,
      "Sec-Fetch-Site": "same-origin",
      ...json,
    };
    for (const path of ["/events", "/runs/r/resume"]) {
      const body = JSON.stringify({ run_id: "r", event_type: "test.tick", data: {} });
      const response = await rawRequest(url + path, { method: "POST", headers, body });
      assertEquals(response.status, 403, path);
    }
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
    const response = await rawRequest(`${url}/runs`, { headers: { Host: host } });
    assertEquals(response.status, 200, host);
  }
  assertEquals([bus.stats().active_runs, bus.history().length], [0, 1]);
});

testHttp("security: CSRF – a form of another page changes nothing", {
  local: true,
  ingest: true,
  onResume() {
    throw new Error("must not be reached");
  },
}, async ({ bus, url }) => {
  const event = JSON.stringify({ run_id: "r", event_type: "test.tick", data: {} });
  for (const path of ["/events", "/runs/r/resume"]) {
    for (
      const headers of [
        { "Content-Type": "text/plain" } as Record<string, string>,
        { "Content-Type": "text/plain", Origin: "https://evil.example" },
        { "Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site" },
        { "Content-Type": "application/x-www-form-urlencoded" },
        { ...json, Origin: "https://evil.example" },
        { ...json, Origin: "null" },
        { ...json, "Sec-Fetch-Site": "cross-site" },
      ]
    ) {
      const response = await rawRequest(url + path, { method: "POST", headers, body: event });
      assertEquals(response.status, 403, JSON.stringify(headers));
    }
  }
  assertEquals([...bus.history()], []);
});

testHttp("security: connection exhaustion – one too many is refused, until one leaves", {
  limits: { connections: 5, connectionsPerRun: 3, connectionsPerClient: 3, clientOf },
}, async ({ bus, url }) => {
  const open = (user: string, run: string) =>
    connect(`${url}/runs/${run}/events`, { "x-user": user });
  const statusOf = async (user: string, run: string) => {
    const response = await fetch(`${url}/runs/${run}/events`, { headers: { "x-user": user } });
    await response.body?.cancel();
    if (response.status !== 200) assertMatch(response.headers.get("retry-after")!, /^[1-5]$/);
    return response.status;
  };
  const connections = [await open("ada", "r"), await open("ada", "q")];
  connections.push(await open("bob", "r"), await open("bob", "r"));
  assertEquals(await statusOf("eve", "r"), 503);
  connections.push(await open("eve", "p"));
  assertEquals(await statusOf("eve", "o"), 503);
  for (const connection of connections) connection.drop();
  await until("the places are free", () => bus.stats().active_runs === 0);
  for (const user of ["ada", "bob", "eve"]) assertEquals(await statusOf(user, "r"), 200);
});

testHttp("D2: a client is not kept out by connections that nobody reads any more", {
  authorize: () => true,
  limits: { connectionsPerClient: 2, clientOf: () => "ada" },
}, async ({ bus, url, events }) => {
  const text = "x".repeat(100_000);
  // One is full of what is not read, one is quiet.
  const dead = [await requestSlowly(events), await requestSlowly(`${url}/runs/quiet/events`)];
  for (let n = 0; n < 100; n++) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n, text } });
    await turn();
  }
  const living = [await connect(`${url}/runs/a/events`), await connect(`${url}/events`)];
  for (const { response } of living) assertEquals(response.status, 200);
  await until("the dead have left", () => bus.stats().active_runs === 1);
  for (const client of dead) client.destroy();
  bus.publish({ run_id: "a", event_type: "test.tick", data: { n: 1 } });
  for (const connection of living) {
    assertEquals(summarize(await connection.read(1)), [1]);
    connection.drop();
  }
});

testHttp("security: slow reader – its connection is cut, and it costs no more than its place", {
  writeTimeoutMs: 400,
}, async ({ bus, events }) => {
  const text = "x".repeat(100_000);
  const client = await requestSlowly(events);
  let published = 0;
  const isStalled = () => bus.stats().queue_depths.r?.[0] ?? 0;
  while (isStalled() < 50 && published < 1_000) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n: ++published, text } });
    await turn();
  }
  assert(published < 400, `${published} events of 100 kB were taken from the log`);
  await until("the place is given back", () => bus.stats().active_runs === 0);
  assertEquals(await client.readToCut(), true);
  const good = await connect(events);
  assertEquals((await good.read(published)).length, published);
  good.drop();
});

testHttp("security: huge payload – it is refused, not read", {
  local: true,
  ingest: true,
}, async ({ bus, url }) => {
  const body = new Uint8Array(50 * 1024 * 1024).fill(32);
  const response = await fetch(`${url}/events`, { method: "POST", headers: json, body });
  await response.body?.cancel();
  assertEquals(response.status, 413);
  // Whoever announces it and waits for the answer is told.
  const headers = { ...json, "Content-Length": "52428800" };
  const announced = await rawRequest(`${url}/events`, { method: "POST", headers });
  assertEquals(announced.status, 413);
  assertEquals([...bus.history()], []);
});

testHttp("security: deep JSON – it is refused, and the server lives", {
  local: true,
  ingest: true,
}, async ({ bus, url }) => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    for (const end of [close.repeat(100_000), ""]) {
      const body = `${open.repeat(100_000)}1${end}`;
      const response = await fetch(`${url}/events`, { method: "POST", headers: json, body });
      assertEquals(response.status, 400);
      await response.body?.cancel();
    }
  }
  const event = (data: unknown) => JSON.stringify({ run_id: "r", event_type: "test.tick", data });
  const response = await fetch(`${url}/events`, {
    method: "POST",
    headers: json,
    body: event({ n: 1 }),
  });
  assertEquals(response.status, 200);
  await response.body?.cancel();
  assertEquals(summarize(bus.history() as AnyEvent[]), [1]);
});

testHttp("security: cardinality – of very many runs few are kept, and listed", {
  local: true,
}, async ({ bus, url }) => {
  for (let n = 0; n < 100_000; n++) {
    bus.publish({ run_id: `run-${n}`, event_type: "test.tick", data: {} });
  }
  const { runs } = await (await fetch(`${url}/runs?limit=1000`)).json();
  assertEquals([runs.length, bus.stats().history_runs], [200, 200]);
});

testHttp("security: ids – a run's ids say nothing of other runs", {
  authorize: ownRun,
}, async ({ bus, url }) => {
  publish(bus, 1);
  for (let n = 0; n < 50; n++) bus.publish({ run_id: "q", event_type: "test.tick", data: {} });
  publish(bus, 2);
  const connection = await connect(`${url}/runs/r/events`, { "x-user": "r" });
  const [one, two] = await connection.read(2);
  connection.drop();
  const [epoch, seq] = one!.event_id.split("-");
  assertEquals([seq, two!.event_id], ["1", `${epoch}-2`]);
});

testHttp("security: error detail leak – an error in authorize tells the client nothing", {
  authorize() {
    throw new Error("the password is swordfish");
  },
  onError: () => {},
}, async ({ events }) => {
  const response = await fetch(events);
  const text = await response.text();
  assertEquals(response.status, 500);
  assertEquals(`${text}${JSON.stringify([...response.headers])}`.includes("swordfish"), false);
});

function clientOf(c: Context): string | null {
  return c.req.header("x-user") ?? null;
}
