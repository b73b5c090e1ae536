/** All or several runs on one connection, with positions on the wire. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Bus, EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { eventStreamResponse } from "@locus/core/sse";
import { follow } from "../harness/support/event_source.ts";
import { summarize } from "../harness/support/read.ts";
import { until } from "../harness/support/until.ts";

function publish(bus: Bus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

function createApp(options: Omit<LocusOptions, "bus"> = {}, bus = new EventBus()) {
  const app = locus({ authorize: () => true, heartbeatMs: 10, ...options, bus });
  const get = async (path: string, lastEventId?: string) =>
    follow(
      await app.request(path, lastEventId ? { headers: { "Last-Event-ID": lastEventId } } : {}),
    );
  return { app, bus, get };
}

/** The order in a position. */
function orderOf(id: string | undefined): number {
  return Number(id!.split("-")[1]);
}

test("GET /events has a position from its opening on, and with every event and gap", async () => {
  const { bus, get } = createApp({}, new EventBus({ maxQueueSize: 2 }));
  publish(bus, "a", 1, 2, 3);
  const connection = await get("/events");
  await connection.readUntil(({ ids }) => ids.length > 0);
  assertEquals(orderOf(connection.ids[0]), 3);
  publish(bus, "b", 1, 2, 3);
  await connection.read(3);
  assertEquals(connection.dispatched.map(({ id, event }) => [orderOf(id), event.run_id]), [
    [4, "*"],
    [5, "b"],
    [6, "b"],
  ]);
  // The event itself is the same as on any stream.
  assertEquals(orderOf(connection.dispatched[1]!.event.event_id), 2);
  connection.drop();
});

test("D1: GET /events goes on after a position, whatever was selected", async () => {
  const { bus, get } = createApp();
  const first = await get("/events?select=other.*");
  await first.readUntil(({ ids }) => ids.length > 0);
  publish(bus, "a", 1, 2);
  // A heartbeat carries the position over what is not selected.
  await first.readUntil(({ ids }) => orderOf(ids.at(-1)) === 2);
  first.drop();
  publish(bus, "a", 3);
  const second = await get("/events", first.ids.at(-1));
  assertEquals(second.response.headers.get("Locus-Recovery"), "exact");
  assertEquals(summarize(await second.read(1)), [3]);
  second.drop();
});

test("GET /runs/:run_id/events?from= starts with the last events, or with what comes", async () => {
  const { bus, app, get } = createApp();
  publish(bus, "r", 1, 2, 3);
  const last = await get("/runs/r/events?from=-2");
  assertEquals(summarize(await last.read(2)), [2, 3]);
  const live = await get("/runs/r/events?from=live");
  publish(bus, "r", 4);
  assertEquals(summarize(await live.read(1)), [4]);
  const resumed = await get("/runs/r/events?from=-1", last.dispatched[0]!.id);
  assertEquals(summarize(await resumed.read(2)), [3, 4]);
  for (const connection of [last, live, resumed]) connection.drop();
  for (const from of ["x", "0", "-0", "5", "-1.5", "-1e3", ""]) {
    const response = await app.request(`/runs/r/events?from=${from}`);
    assertEquals(response.status, 400, from);
    await response.body?.cancel();
  }
});

test("D5: GET /events?run=a&run=b streams several runs, says the end of each, and ends", async () => {
  const { bus, get } = createApp();
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  publish(bus, "c", 3);
  publish(bus, "a", 4);
  const connection = await get("/events?run=a&run=b");
  await connection.read(3);
  bus.closeStream("a");
  // Nothing else has to happen for that to be said.
  await connection.read(4);
  publish(bus, "b", 5);
  bus.closeStream("b");
  const events = await connection.readAll();
  assertEquals(events.map(({ run_id, event_type, data }) => [run_id, data.n ?? event_type]), [
    ["a", 1],
    ["b", 2],
    ["a", 4],
    ["a", "bus.end"],
    ["b", 5],
    ["b", "bus.end"],
  ]);
  assertEquals(connection.dispatched.map(({ id }) => orderOf(id)), [1, 2, 4, 4, 5, 5]);
  assertEquals(bus.stats().active_runs, 0);
});

test("D5: GET /events?run=a&run=b goes on after a position, and is over when both runs are", async () => {
  const { bus, app, get } = createApp();
  publish(bus, "a", 1);
  publish(bus, "b", 2, 3);
  bus.closeStream("a");
  const first = await get("/events?run=a&run=b");
  await first.read(2);
  first.drop();
  const { id } = first.dispatched[1]!;
  const second = await get("/events?run=a&run=b", id);
  const events = await second.read(2);
  assertEquals(events.map(({ run_id, event_type }) => [run_id, event_type]), [
    ["b", "test.tick"],
    ["a", "bus.end"],
  ]);
  second.drop();
  bus.closeStream("b");
  const headers = { "Last-Event-ID": second.ids.at(-1)! };
  const over = await app.request("/events?run=a&run=b", { headers });
  assertEquals(over.status, 204);
});

test("D5: a run that joins as ?new= brings its history", async () => {
  const { bus, get } = createApp();
  publish(bus, "c", 1, 2);
  publish(bus, "a", 3);
  const first = await get("/events?run=a");
  await first.read(1);
  first.drop();
  const second = await get("/events?run=a&new=c", first.ids.at(-1));
  assertEquals(summarize(await second.read(2)), [1, 2]);
  second.drop();
  const third = await get("/events?run=a&run=c", second.ids.at(-1));
  publish(bus, "c", 4);
  assertEquals(summarize(await third.read(1)), [4]);
  third.drop();
});

test("GET /events?run= asks for each run, at the opening and again", async () => {
  const allowed = new Set(["a", "b"]);
  const asked: (string | null)[] = [];
  const { bus, app, get } = createApp({
    authorize: (_, runId) => (asked.push(runId), runId !== null && allowed.has(runId)),
    revalidateMs: 10,
  });
  const connection = await get("/events?run=a&run=b");
  assertEquals([...new Set(asked)], ["a", "b"]);
  const refused = await app.request("/events?run=a&run=secret");
  assertEquals(refused.status, 404);
  await refused.body?.cancel();
  allowed.delete("b");
  await connection.readAll();
  await until("its readers have left", () => bus.stats().active_runs === 0);
});

test("GET /events?run= refuses what are no runs, and too many", async () => {
  const { bus, app } = createApp();
  const many = Array.from({ length: 101 }, (_, i) => `run=r${i}`).join("&");
  for (const query of ["run=", "run=a%20b", "new=", "run=a&from=x", many]) {
    const response = await app.request(`/events?${query}`);
    assertEquals(response.status, 400, query);
    await response.body?.cancel();
  }
  assertEquals(bus.stats().active_runs, 0);
  const most = await app.request(`/events?${many.slice(many.indexOf("&") + 1)}`);
  assertEquals(most.status, 200);
  await most.body?.cancel();
});

test("GET /events?run= counts as a stream of each of its runs", async () => {
  const { app } = createApp({ limits: { connectionsPerRun: 1 } });
  const first = await app.request("/events?run=a&run=b");
  for (const path of ["/runs/b/events", "/events?run=c&run=a"]) {
    const response = await app.request(path);
    assertEquals(response.status, 503, path);
    await response.body?.cancel();
  }
  await first.body?.cancel();
  const again = await app.request("/events?run=c&run=a");
  assertEquals(again.status, 200);
  await again.body?.cancel();
});

test("GET /events?run= says where the bus cannot read several runs as one", async () => {
  const { app } = createApp({}, new OneRunBus());
  const response = await app.request("/events?run=a&run=b");
  assertEquals(response.status, 400);
  assert((await response.text()).includes("cannot read several runs"));
});

class OneRunBus extends EventBus {
  override subscribe(...args: Parameters<EventBus["subscribe"]>): never {
    throw new TypeError(`run_id must be a text, got ${typeof args[0]}`);
  }
}

test("eventStreamResponse() of several runs says no end when the bus had to forget one", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "a", 1);
  const connection = follow(eventStreamResponse(bus.subscribe(["a", "b"])));
  await connection.read(1);
  const others = ["c", "d"].map((run) => bus.subscribe(run));
  publish(bus, "c", 2);
  publish(bus, "d", 3);
  assertEquals((await connection.readAll()).map(({ event_type }) => event_type), ["test.tick"]);
  for (const other of others) await other.cancel();
});
