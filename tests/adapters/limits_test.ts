import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { type Connection, follow } from "../support/event_source.ts";

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

test("Over limits.connectionsPerClient a stream is answered 429, other clients' are not", async () => {
  const fixture = createFixture({
    limits: { connectionsPerClient: 2, clientOf: (c) => c.req.header("X-User") ?? null },
  });
  const other = await fixture.open("/runs/r/events", { "X-User": "bob" });
  await assertLimit(fixture, 2, 429, () => "/runs/r/events", { "X-User": "ada" });
  assertEquals(other.response.status, 200);
  other.drop();
});

test("A client that limits.clientOf does not know has no limit of its own", async () => {
  const { open } = createFixture({ limits: { connectionsPerClient: 1, clientOf: () => null } });
  const connections = [await open("/runs/r/events"), await open("/runs/r/events")];
  for (const { response, drop } of connections) {
    assertEquals(response.status, 200);
    drop();
  }
});

test("The limits are 1000, 100 of a run, and 6 of a client that is known", async () => {
  await assertLimit(createFixture({}), 1_000, 503, (n) => `/runs/r${n}/events`);
  await assertLimit(createFixture({}), 100, 503, () => "/runs/r/events");
  const limits = { clientOf: () => "ada" };
  await assertLimit(createFixture({ limits }), 6, 429, (n) => `/runs/r${n}/events`);
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

test("Who may not read is answered 404 also where there is no room", async () => {
  const { open, request } = createFixture({
    limits: { connections: 1 },
    authorize: (_c, runId) => runId === "mine",
  });
  const connection = await open("/runs/mine/events");
  assertEquals((await request("/runs/r/events")).status, 404);
  connection.drop();
});
