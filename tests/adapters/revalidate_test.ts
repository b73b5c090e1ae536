import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { currentRunId, EventBus, runContext } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { type Connection, follow } from "../harness/support/event_source.ts";
import { until } from "../harness/support/until.ts";

interface Fixture {
  bus: EventBus;
  errors: unknown[];
  connection: Connection;
}

/** An open stream of the run `r`. */
async function openStream(options: LocusOptions, path = "/runs/r/events"): Promise<Fixture> {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const app = locus({
    bus,
    heartbeatMs: 10,
    onError: (error) => void errors.push(error),
    ...options,
  });
  const connection = follow(await app.request(path));
  await connection.readUntil(({ comments }) => comments.length > 0);
  return { bus, errors, connection };
}

for (const path of ["/runs/r/events", "/events"]) {
  test(`${path} is closed when authorize does not allow it any more`, async () => {
    let isAllowed = true;
    const { bus, connection, errors } = await openStream({ authorize: () => isAllowed }, path);
    bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
    await connection.read(1);
    isAllowed = false;
    const events = await connection.readAll();
    assertEquals(events.map(({ event_type }) => event_type), ["test.tick"]);
    const { active_runs, global_subscribers } = bus.stats();
    assertEquals([active_runs, global_subscribers, errors], [0, 0, []]);
  });
}

test("authorize is asked again with the run and the request that opened the stream", async () => {
  const asked: unknown[] = [];
  const { connection } = await openStream({
    authorize(c, runId) {
      asked.push([c.req.path, runId]);
      return asked.length < 4;
    },
  });
  await connection.readAll();
  assertEquals(asked, Array.from({ length: 4 }, () => ["/runs/r/events", "r"]));
});

test("authorize is asked again at a heartbeat, not more often than revalidateMs", async () => {
  let asked = 0;
  const { connection } = await openStream({ authorize: () => ++asked > 0, revalidateMs: 60_000 });
  await connection.readUntil(({ comments }) => comments.length > 8);
  connection.drop();
  assertEquals(asked, 1);
});

test("revalidateMs: Infinity asks once", async () => {
  let asked = 0;
  const { connection } = await openStream({ authorize: () => ++asked > 0, revalidateMs: Infinity });
  await connection.readUntil(({ comments }) => comments.length > 8);
  connection.drop();
  assertEquals(asked, 1);
});

test("A stream ends with bus.error when authorize fails later", async () => {
  let isBroken = false;
  const { bus, connection, errors } = await openStream({
    authorize() {
      if (isBroken) throw new Error("swordfish");
      return true;
    },
  });
  isBroken = true;
  const events = await connection.readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["bus.error"]);
  assertEquals(JSON.stringify(events).includes("swordfish"), false);
  assertEquals(errors.map(String), ["Error: swordfish"]);
  assertEquals(bus.stats().active_runs, 0);
});

test("A stream is closed for a client that does not read, too", async () => {
  let isAllowed = true;
  const { bus, connection } = await openStream({ authorize: () => isAllowed });
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  await connection.read(1);
  isAllowed = false;
  // Nothing is read from here on.
  await until("the stream is closed", () => bus.stats().active_runs === 0);
});

test("authorize is asked again outside of the run of whoever publishes", async () => {
  const seen: unknown[] = [];
  const { bus, connection } = await openStream({
    authorize() {
      seen.push(currentRunId());
      return seen.length < 4;
    },
  });
  runContext({ runId: "publisher", bus }, (run) => run.emit("test.tick", {}));
  await connection.readAll();
  assertEquals(seen, Array(4).fill(undefined));
});
