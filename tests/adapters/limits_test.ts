import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Context } from "hono";
import { EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { type Connection, follow } from "../harness/support/event_source.ts";

interface Fixture {
  bus: EventBus;
  request(path: string, headers?: HeadersInit): Promise<Response>;
  open(path: string, headers?: HeadersInit): Promise<Connection>;
}

function createFixture(options: LocusOptions): Fixture {
  const bus = new EventBus();
  const app = locus({ bus, authorize: () => true, ...options });
  const request = async (path: string, headers: HeadersInit = {}) =>
    await app.request(path, { headers });
  return { bus, request, open: async (path, headers) => follow(await request(path, headers)) };
}

async function assertRefused(response: Response, status: number): Promise<void> {
  assertEquals(response.status, status);
  const seconds = Number(response.headers.get("Retry-After"));
  assert(seconds >= 1 && seconds <= 5);
  assertEquals(response.headers.get("Content-Type"), "application/json");
  assertEquals(typeof (await response.json()).error, "string");
}

/** Opens what there is room for, is refused, leaves one and has room again. */
async function assertLimit(
  { bus, request, open }: Fixture,
  limit: number,
  status: number,
  pathOf: (n: number) => string,
  headers?: HeadersInit,
): Promise<void> {
  const connections: Connection[] = [];
  for (let n = 0; n < limit; n++) connections.push(await open(pathOf(n), headers));
  for (const { response } of connections) assertEquals(response.status, 200);
  const before = bus.stats();
  await assertRefused(await request(pathOf(limit), headers), status);
  assertEquals(bus.stats(), before);
  connections.pop()!.drop();
  connections.push(await open(pathOf(limit), headers));
  assertEquals(connections.at(-1)!.response.status, 200);
  for (const connection of connections) connection.drop();
}

test("Over limits.connections a stream is answered 503", async () => {
  const fixture = createFixture({ limits: { connections: 3 } });
  await assertLimit(fixture, 3, 503, (n) => n === 0 ? "/events" : `/runs/r${n}/events`);
});

test("Over limits.connectionsPerRun a stream is answered 503, other runs are not", async () => {
  const fixture = createFixture({ limits: { connectionsPerRun: 2 } });
  const other = await fixture.open("/runs/q/events");
  await assertLimit(fixture, 2, 503, () => "/runs/r/events");
  assertEquals(other.response.status, 200);
  other.drop();
});

/** Streams of three kinds, as many as there are numbers. */
const pathOfKind = (n: number) => ["/events", "/runs/r/events", "/runs/q/events"][n % 3]!;

test("D2: over limits.connectionsPerClient the newest stream replaces the client's oldest", async () => {
  const { bus, open } = createFixture({
    limits: { connectionsPerClient: 2, clientOf: (c) => c.req.header("X-User") ?? null },
  });
  const other = await open("/runs/r/events", { "X-User": "bob" });
  const own: Connection[] = [];
  // Every kind of stream replaces every other.
  for (let n = 0; n < 12; n++) {
    own.push(await open(pathOfKind(n), { "X-User": "ada" }));
    assertEquals(own[n]!.response.status, 200);
    if (n >= 2) assertEquals(await own[n - 2]!.readAll(), [], "the oldest ends without a word");
  }
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  bus.publish({ run_id: "q", event_type: "test.tick", data: {} });
  for (const connection of [other, ...own.slice(-2)]) {
    assertEquals((await connection.read(1)).length, 1);
    connection.drop();
  }
  assertEquals(bus.stats().active_runs, 0);
});

test("D2: a stream that is replaced resumes, and not at once", async () => {
  const { bus, open } = createFixture({
    limits: { connectionsPerClient: 1, clientOf: () => "ada" },
  });
  bus.publish({ run_id: "r", event_type: "test.tick", data: { n: 1 } });
  const first = await open("/runs/r/events");
  await first.read(1);
  const second = await open("/events");
  await first.readAll();
  const retryMs = first.retries.at(-1)!;
  assert(retryMs >= 15_000 && retryMs <= 45_000, `${retryMs} ms`);
  bus.publish({ run_id: "r", event_type: "test.tick", data: { n: 2 } });
  const again = await open("/runs/r/events", { "Last-Event-ID": first.ids.at(-1)! });
  assertEquals(again.response.headers.get("Locus-Recovery"), "exact");
  assertEquals((await again.read(1)).map(({ data }) => data.n), [2]);
  for (const connection of [second, again]) connection.drop();
});

test("D2: no stream ends for one that is refused, or for an answer without a stream", async () => {
  const { bus, open, request } = createFixture({
    limits: { connectionsPerRun: 1, connectionsPerClient: 2, clientOf },
    authorize: (_c, runId) => runId !== "secret",
  });
  bus.closeStream("over");
  const headers = user("ada");
  const own = [await open("/runs/a/events", headers), await open("/runs/b/events", headers)];
  const other = await open("/runs/r/events", { "X-User": "bob" });
  await assertRefused(await request("/runs/r/events", headers), 503);
  assertEquals((await request("/runs/secret/events", headers)).status, 404);
  const end = bus.runs().find(({ run_id }) => run_id === "over")!.cursor;
  const over = await request("/runs/over/events", { ...headers, "Last-Event-ID": end });
  assertEquals(over.status, 204);
  for (const run_id of ["a", "b", "r"]) {
    bus.publish({ run_id, event_type: "test.tick", data: {} });
  }
  for (const connection of [...own, other]) {
    assertEquals((await connection.read(1)).length, 1);
    connection.drop();
  }
});

test("D2: a client at its limit gives back what its newest stream needs", async () => {
  const { open } = createFixture({
    limits: { connections: 2, connectionsPerRun: 2, connectionsPerClient: 2, clientOf },
  });
  const headers = user("ada");
  const own: Connection[] = [];
  for (let n = 0; n < 6; n++) own.push(await open("/runs/r/events", headers));
  for (const { response } of own) assertEquals(response.status, 200);
  for (const connection of own) connection.drop();
});

test("D2: streams that are being opened at the same time leave the newest", async () => {
  const { bus, open } = createFixture({ limits: { connectionsPerClient: 3, clientOf } });
  const opening = Array.from({ length: 10 }, (_, n) => open(`/runs/r${n}/events`, user("ada")));
  const connections = await Promise.all(opening);
  assertEquals(bus.stats().active_runs, 3);
  for (const connection of connections) connection.drop();
  assertEquals(bus.stats().active_runs, 0);
});

test("A client that limits.clientOf does not know has no limit of its own", async () => {
  for (const nobody of [null, ""]) {
    const limits = { connectionsPerClient: 1, clientOf: () => nobody };
    const { bus, open } = createFixture({ limits });
    const connections = [await open("/runs/r/events"), await open("/runs/q/events")];
    assertEquals(bus.stats().active_runs, 2);
    for (const connection of connections) connection.drop();
  }
});

test("The limits are 1000, 100 of a run, and 6 of a client that is known", async () => {
  await assertLimit(createFixture({}), 1_000, 503, (n) => `/runs/r${n}/events`);
  await assertLimit(createFixture({}), 100, 503, () => "/runs/r/events");
  const limits = { clientOf: () => "ada" };
  const { bus, open } = createFixture({ limits });
  const connections: Connection[] = [];
  for (let n = 0; n < 8; n++) connections.push(await open(`/runs/r${n}/events`));
  assertEquals(bus.stats().active_runs, 6);
  for (const connection of connections) connection.drop();
});

test("A place is given back when the run ends, and when there is nothing to stream", async () => {
  const { bus, open } = createFixture({ limits: { connections: 1 } });
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  bus.closeStream("r");
  const first = await open("/runs/r/events");
  await first.readAll();
  for (let n = 0; n < 2; n++) {
    const again = await open("/runs/r/events", { "Last-Event-ID": first.ids.at(-1)! });
    assertEquals(again.response.status, 204);
  }
  const last = await open("/runs/q/events");
  assertEquals(last.response.status, 200);
  last.drop();
});

test("A place is given back when the bus turns a reader away, or fails", async () => {
  const bus = new EventBus({ maxGlobalSubscribers: 1, onError() {} });
  const app = locus({ bus, authorize: () => true, limits: { connections: 2 }, onError() {} });
  const reader = bus.subscribeGlobal();
  for (let n = 0; n < 3; n++) assertEquals((await app.request("/events")).status, 503);
  await reader.cancel();
  const { subscribe } = bus;
  Object.assign(bus, {
    subscribe() {
      throw new Error("out of order");
    },
  });
  for (let n = 0; n < 3; n++) assertEquals((await app.request("/runs/r/events")).status, 500);
  Object.assign(bus, { subscribe });
  const connection = follow(await app.request("/runs/r/events"));
  assertEquals(connection.response.status, 200);
  connection.drop();
});

test("limits.clientOf that answers later is refused", async () => {
  const errors: unknown[] = [];
  // deno-lint-ignore no-explicit-any -- what types forbid
  const clientOf: any = () => Promise.resolve("ada");
  const onError = (error: unknown) => void errors.push(error);
  const { request } = createFixture({ limits: { clientOf }, onError });
  assertEquals((await request("/runs/r/events")).status, 500);
  assertStringIncludes(String(errors), '"limits.clientOf" must return a string or null');
});

test("Who may not read is answered 404 also where there is no room", async () => {
  const { open, request } = createFixture({
    limits: { connections: 1 },
    authorize: (_c, runId) => runId === "mine",
  });
  const connection = await open("/runs/mine/events");
  assertEquals((await request("/runs/r/events")).status, 404);
  connection.drop();
});

function clientOf(c: Context): string | null {
  return c.req.header("X-User") ?? null;
}

function user(name: string): HeadersInit {
  return { "X-User": name };
}
