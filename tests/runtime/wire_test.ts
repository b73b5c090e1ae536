import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { locus } from "@locus/core/hono";
import { fromSse, toSse } from "@locus/core/sse";
import { follow } from "../harness/support/event_source.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

async function connect(bus: EventBus, headers: HeadersInit = {}) {
  const app = locus({ bus, heartbeatMs: 10 });
  return follow(await app.request("/runs/r/events", { headers }));
}

test("A run is streamed to its end, and whoever comes back is answered 204", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const connection = await connect(bus);
  await connection.read(1);
  publish(bus, 2);
  bus.closeStream("r");
  const events = await connection.readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["test.tick", "test.tick", "bus.end"]);
  const again = await connect(bus, { "Last-Event-ID": connection.ids.at(-1)! });
  assertEquals(again.response.status, 204);
});

test("A stream that drops is resumed without loss or repetition", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const first = await connect(bus);
  await first.read(2);
  first.drop();
  assertEquals(bus.stats().active_runs, 0);
  publish(bus, 3);
  bus.closeStream("r");
  const again = await connect(bus, { "Last-Event-ID": first.ids.at(-1)! });
  assertEquals(again.response.headers.get("Locus-Recovery"), "exact");
  assertEquals((await again.readAll()).map(({ data }) => data.n), [3, undefined]);
});

test("A cursor that means nothing starts anew, and says so", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const connection = await connect(bus, { "Last-Event-ID": "nonsense" });
  const [gap, event] = await connection.read(2);
  connection.drop();
  assertEquals([gap!.event_type, gap!.data.reason], ["bus.gap", "unknown_cursor"]);
  assertEquals(event!.data, { n: 1 });
});

test("A quiet stream has a heartbeat", async () => {
  const connection = await connect(new EventBus());
  await connection.readUntil(({ comments }) => comments.length >= 4);
  connection.drop();
  assertEquals(connection.comments.slice(0, 4), ["recovery none", "", "", ""]);
});

test("A stream that is opened and read inside other runs belongs to its own", async () => {
  const bus = new EventBus();
  const connection = await runContext({ runId: "request", bus }, () => connect(bus));
  publish(bus, 1);
  const events = await runContext({ runId: "reader", bus }, () => connection.read(1));
  connection.drop();
  assertEquals(events.map(({ run_id }) => run_id), ["r"]);
  assertEquals(bus.stats().published_events_total, 1);
});

test("toSse() and fromSse() carry events unchanged", async () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.tick", data: { text: "a\r\nb\0c\u2028🦉" } });
  bus.closeStream("r");
  const texts: unknown[] = [];
  for await (const { data } of bus.subscribe("r").pipeThrough(toSse()).pipeThrough(fromSse())) {
    texts.push(data);
  }
  assertEquals(texts, [{ text: "a\r\nb\0c\u2028🦉" }]);
});
