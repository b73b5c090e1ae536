import { assert, assertEquals, assertMatch } from "@std/assert";
import { compress } from "hono/compress";
import { emit, EventBus, runContext } from "@locus/core";
import { connect, judge } from "../harness/support/event_source.ts";
import { type AnyEvent, summarize } from "../harness/support/read.ts";
import { requestSlowly } from "../harness/support/slow_client.ts";
import { turn, until } from "../harness/support/until.ts";
import { publish, testHttp } from "./_http.ts";

function isRead(bus: EventBus): boolean {
  return Object.keys(bus.stats().queue_depths).length > 0;
}

/** Numbers and gaps, and `end` for bus.end. */
function outline(events: readonly AnyEvent[]): (number | string)[] {
  return events.flatMap((event) => event.event_type === "bus.end" ? ["end"] : summarize([event]));
}

testHttp("a run is streamed live, then its end", {}, async ({ bus, events }) => {
  const connection = await connect(events);
  publish(bus, 1);
  assertEquals(summarize(await connection.read(1)), [1]);
  publish(bus, 2, 3);
  assertEquals(summarize(await connection.read(3)), [1, 2, 3]);
  bus.closeStream("r");
  assertEquals(outline(await connection.readAll()), [1, 2, 3, "end"]);
  assertEquals(connection.dispatched.map(({ event }) => event).slice(0, 3), heldOf(bus));
});

testHttp("a finished run is replayed to whoever comes late", {}, async ({ bus, events }) => {
  publish(bus, 1, 2, 3);
  bus.closeStream("r");
  const [first, second] = [await connect(events), await connect(events)];
  assertEquals(outline(await first.readAll()), [1, 2, 3, "end"]);
  assertEquals(outline(await second.readAll()), [1, 2, 3, "end"]);
  assertEquals(second.ids, first.ids);
});

testHttp("a late reader gets what was, then what is", {}, async ({ bus, events }) => {
  publish(bus, 1, 2);
  const connection = await connect(events);
  await connection.read(1);
  publish(bus, 3);
  bus.closeStream("r");
  assertEquals(outline(await connection.readAll()), [1, 2, 3, "end"]);
});

testHttp("the head of a stream arrives as it was sent", {}, async ({ bus, events }) => {
  bus.closeStream("r");
  const { response, readAll } = await connect(events);
  await readAll();
  assertEquals(response.status, 200);
  assertMatch(response.headers.get("content-type")!, /^text\/event-stream(;|$)/);
  assertEquals(response.headers.get("cache-control"), "no-cache, no-transform");
  assertEquals(response.headers.get("x-accel-buffering"), "no");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("access-control-allow-origin"), null);
});

for (const way of ["Last-Event-ID", "?after="] as const) {
  testHttp(
    `a connection that drops is resumed by ${way}, without loss or repetition`,
    {},
    async ({ bus, events }) => {
      const seen: AnyEvent[] = [];
      let after: string | undefined;
      for (let n = 1; n <= 30; n++) {
        publish(bus, n);
        if (n % 5 !== 0) continue;
        const connection = await reconnect(events, way, after);
        seen.push(...await connection.read(3));
        after = connection.ids.at(-1);
        connection.drop();
      }
      bus.closeStream("r");
      const last = await reconnect(events, way, after);
      assertEquals(last.response.headers.get("locus-recovery"), "exact");
      seen.push(...await last.readAll());
      // The bytes that a connection brought beyond the third event were read too.
      assertEquals(outline(seen).filter((n) => n !== "end"), numbers(1, 30));
      assertEquals(new Set(seen.map(({ event_id }) => event_id)).size, seen.length);
    },
  );
}

testHttp(
  "a reader whose place is gone is told what is missing",
  { busOptions: { historyPerRun: 4 } },
  async ({ bus, events }) => {
    publish(bus, 1, 2);
    const first = await connect(events);
    await first.read(2);
    first.drop();
    await until("the server has noticed", () => !isRead(bus));
    publish(bus, 3, 4, 5, 6, 7, 8, 9);
    bus.closeStream("r");
    const again = await connect(events, { "Last-Event-ID": first.ids.at(-1)! });
    assertEquals(again.response.headers.get("locus-recovery"), "gap");
    assertEquals(outline(await again.readAll()), ["gap:evicted 3-5", 6, 7, 8, 9, "end"]);
  },
);

testHttp("a cursor that means nothing starts anew", {}, async ({ bus, events }) => {
  publish(bus, 1);
  bus.closeStream("r");
  for (const cursor of ["-1", "1e9", "9007199254740992", "x".repeat(10_000)]) {
    const connection = await connect(events, { "Last-Event-ID": cursor });
    assertEquals(connection.response.headers.get("locus-recovery"), "restarted");
    assertEquals(outline(await connection.readAll()), ["gap:unknown_cursor 1-0", 1, "end"]);
  }
});

testHttp("a cursor of an earlier incarnation starts anew", {}, async ({ bus, events }) => {
  publish(bus, 1, 2);
  bus.closeStream("r");
  const first = await connect(events);
  await first.readAll();
  bus.dropHistory("r");
  publish(bus, 3);
  bus.closeStream("r");
  const again = await connect(events, { "Last-Event-ID": first.ids[1]! });
  assertEquals(outline(await again.readAll()), ["gap:new_epoch 1-0", 3, "end"]);
});

testHttp("whoever comes back after the end is answered 204", {}, async ({ bus, events }) => {
  publish(bus, 1);
  bus.closeStream("r");
  const first = await connect(events);
  await first.readAll();
  assertEquals(first.ids.length, 2);
  for (const id of first.ids) {
    const { response } = await connect(events, { "Last-Event-ID": id });
    assertEquals([response.status, await response.text()], [204, ""]);
  }
});

testHttp(
  "the first byte waits for no heartbeat",
  { heartbeatMs: 60_000 },
  async ({ events }) => {
    const connection = await connect(events);
    await connection.readUntil(({ comments }) => comments.length > 0);
    connection.drop();
  },
);

testHttp(
  "the first byte and every event wait for nothing else behind compress()",
  { prepare: (app) => void app.use(compress()), heartbeatMs: 60_000 },
  async ({ bus, events }) => {
    const connection = await connect(events, { "Accept-Encoding": "gzip" });
    await connection.readUntil(({ comments }) => comments.length > 0);
    const held = heldOf(bus).length;
    await connection.read(held);
    for (let n = 1; n <= 5; n++) {
      publish(bus, n);
      await connection.read(held + n);
    }
    connection.drop();
    assertEquals(connection.response.headers.get("content-encoding"), null);
  },
);

testHttp("a quiet stream is kept open by heartbeats", { heartbeatMs: 20 }, async ({ events }) => {
  const connection = await connect(events);
  await connection.readUntil(({ comments }) => comments.length >= 6);
  connection.drop();
  assertEquals(connection.dispatched, []);
  assertEquals(connection.comments.slice(1, 6), ["", "", "", "", ""]);
});

testHttp("fifty connections that drop leave nothing behind", {}, async ({ bus, events }) => {
  for (let n = 1; n <= 50; n++) {
    publish(bus, n);
    const connection = await connect(events);
    await connection.read(1);
    connection.drop();
  }
  await until("the server has noticed", () => !isRead(bus), 2_000);
  assertEquals(bus.stats().active_runs, 0);
});

testHttp("a client that leaves a quiet stream is noticed", {}, async ({ bus, events }) => {
  const connection = await connect(events);
  await connection.readUntil(({ comments }) => comments.length > 0);
  assertEquals(bus.stats().queue_depths.r, [0]);
  connection.drop();
  await until("the server has noticed", () => !isRead(bus), 2_000);
});

testHttp("a client that crashes is noticed", {}, async ({ bus, events }) => {
  const client = await requestSlowly(events);
  assertEquals(isRead(bus), true);
  client.destroy();
  await until("the server has noticed", () => !isRead(bus), 2_000);
});

testHttp(
  "a client that stops reading stops the reading of the log, and is told what it missed",
  { busOptions: { historyPerRun: 50, maxQueueSize: 50 } },
  async ({ bus, events }) => {
    const text = "x".repeat(100_000);
    let published = 0;
    const publishLarge = () => {
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n: ++published, text } });
      return turn();
    };
    const client = await requestSlowly(events);
    // What the sockets take is of the system; when they are full, events stay in the log.
    while (bus.stats().queue_depths.r![0]! < 50 && published < 1000) await publishLarge();
    assert(published < 400, `${published} events of 100 kB were taken from the log`);
    for (let n = 0; n < 100; n++) await publishLarge();
    assert(bus.stats().retained_bytes < 60 * 210_000);
    bus.closeStream("r");
    const { dispatched } = judge(await client.readAll());
    const gaps = dispatched.filter(({ type }) => type === "bus.gap");
    const missed = gaps.reduce((sum, { event }) => sum + (event.data.count as number), 0);
    const ticks = dispatched.filter(({ type }) => type === "test.tick");
    assert(missed >= 100, `${missed} were missed`);
    assertEquals(ticks.length + missed, published);
    assertEquals(ticks.at(-1)!.event.data.n, published);
    assertEquals(dispatched.at(-1)!.type, "bus.end");
    assertEquals(bus.stats().dropped_events_total, missed);
  },
);

testHttp("a stream that is old enough ends, and is resumed", {
  heartbeatMs: 20,
  maxLifetimeMs: 50,
}, async ({ bus, events }) => {
  publish(bus, 1);
  const first = await connect(events);
  assertEquals(outline(await first.readAll()), [1]);
  publish(bus, 2);
  bus.closeStream("r");
  const again = await connect(events, { "Last-Event-ID": first.ids.at(-1)! });
  assertEquals(outline(await again.readAll()), [2, "end"]);
});

testHttp("all runs are streamed to who may read them", {
  authorize: () => true,
}, async ({ bus, url }) => {
  const connection = await connect(`${url}/events`);
  await connection.readUntil(({ comments }) => comments.length > 0);
  publish(bus, 1);
  bus.publish({ run_id: "q", event_type: "test.tick", data: { n: 2 } });
  const events = await connection.read(2);
  assertEquals(events.map(({ run_id }) => run_id), ["r", "q"]);
  connection.drop();
  await until("the server has noticed", () => bus.stats().global_subscribers === 0, 2_000);
});

const requests = new EventBus();
testHttp("a request's own run is nothing to the stream", {
  heartbeatMs: 20,
  prepare(app) {
    app.use((_c, next) => runContext({ runId: "request", bus: requests }, next));
  },
}, async ({ bus, events }) => {
  const connection = await connect(events);
  await connection.readUntil(({ comments }) => comments.length >= 3);
  publish(bus, 1);
  runContext({ runId: "publisher", bus }, () => emit("test.other", { n: 2 }));
  publish(bus, 3);
  bus.closeStream("r");
  assertEquals(outline(await connection.readAll()), [1, 3, "end"]);
  assertEquals(requests.stats().published_events_total, 0);
});

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function heldOf(bus: EventBus): AnyEvent[] {
  return bus.history({ run: "r" }).reverse() as AnyEvent[];
}

function reconnect(events: string, way: "Last-Event-ID" | "?after=", after: string | undefined) {
  if (after === undefined) return connect(events);
  return way === "?after="
    ? connect(`${events}?after=${after}`)
    : connect(events, { [way]: after });
}
