import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertExists,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { currentRunId, EventBus, runContext } from "@locus/core";
import {
  type EventStreamOptions,
  eventStreamResponse,
  type StreamErrorContext,
  type WireEvent,
} from "@locus/core/sse";
import { follow } from "../harness/support/event_source.ts";
import { FakeSubscription } from "../harness/support/fake_subscription.ts";
import { readAll, summarize } from "../harness/support/read.ts";
import { turn } from "../harness/support/until.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

/** A bus with a closed run of so many events. */
function closedRun(count: number, options: { historyPerRun?: number } = {}): EventBus {
  const bus = new EventBus(options);
  publish(bus, ...Array.from({ length: count }, (_, index) => index + 1));
  bus.closeStream("r");
  return bus;
}

function isActive(bus: EventBus): boolean {
  return bus.stats().active_runs > 0;
}

test("eventStreamResponse() opens with a time to come back, and the recovery", async () => {
  const connection = follow(eventStreamResponse(new EventBus().subscribe("r")));
  await connection.readUntil(({ comments }) => comments.length > 0);
  connection.drop();
  assertEquals(connection.comments, ["recovery none"]);
  assertEquals(connection.retries.length, 1);
  assert(connection.retries[0]! >= 1000 && connection.retries[0]! <= 5000);
});

test("eventStreamResponse() spreads the times to come back", async () => {
  const retries = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const connection = follow(eventStreamResponse(closedRun(0).subscribe("r")));
    await connection.readAll();
    retries.add(connection.retries[0]!);
  }
  assert(retries.size > 10);
});

test("eventStreamResponse() has the headers that no proxy may hold back or change", async () => {
  const response = eventStreamResponse(new EventBus().subscribe("r"));
  assertEquals(Object.fromEntries(response.headers), {
    "cache-control": "no-cache, no-transform",
    "content-type": "text/event-stream; charset=utf-8",
    "locus-recovery": "none",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  assertEquals(response.status, 200);
  await response.body!.cancel();
});

test("eventStreamResponse() sends the history, what comes, and the end", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const connection = follow(eventStreamResponse(bus.subscribe("r")));
  await connection.read(2);
  publish(bus, 3);
  await connection.read(3);
  publish(bus, 4);
  bus.closeStream("r");
  const events = await connection.readAll();
  assertEquals(events.slice(0, 4), await readAll(bus.subscribe("r")));
  assertEquals(events[4]?.event_type, "bus.end");
  assertEquals(events.length, 5);
});

test("eventStreamResponse() frames every event with its own id and type", async () => {
  const connection = follow(eventStreamResponse(closedRun(3).subscribe("r")));
  await connection.readAll();
  assertEquals(connection.dispatched.length, 4);
  for (const { id, type, event } of connection.dispatched) {
    assertEquals([id, type], [event.event_id, event.event_type]);
  }
});

test("bus.end names the last event, and has the place after it", async () => {
  const connection = follow(eventStreamResponse(closedRun(2).subscribe("r")));
  const [, last, end] = await connection.readAll();
  const epoch = last!.event_id.split("-")[0];
  assertEquals(end!.event_id, `${epoch}-3`);
  assertEquals(end!.run_id, "r");
  assertEquals(end!.data, { last_event_id: last!.event_id });
  assertMatch(end!.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(Object.keys(end!), ["event_id", "run_id", "event_type", "timestamp", "data"]);
});

test("bus.end of a run without events names none", async () => {
  const [end] = await follow(eventStreamResponse(closedRun(0).subscribe("r"))).readAll();
  assertEquals(end!.data, { last_event_id: null });
});

test("bus.end names the last event of the run also where it was not selected", async () => {
  const bus = closedRun(2);
  const subscription = bus.subscribe("r", { select: "other.*" });
  const events = await follow(eventStreamResponse(subscription)).readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["bus.end"]);
  const [, last] = await readAll(bus.subscribe("r"));
  assertEquals(events[0]!.data, { last_event_id: last!.event_id });
});

test("Coming back to the end of a closed run is answered 204", async () => {
  const bus = closedRun(2);
  const events = await follow(eventStreamResponse(bus.subscribe("r"))).readAll();
  for (const { event_id } of events.slice(1)) {
    const response = eventStreamResponse(bus.subscribe("r", { after: event_id }));
    assertEquals([response.status, response.body], [204, null]);
    assertEquals(response.headers.get("Locus-Recovery"), "exact");
  }
  assertEquals(isActive(bus), false);
});

test("Coming back to the end of a closed run without events is answered 204", async () => {
  const bus = closedRun(0);
  const [end] = await follow(eventStreamResponse(bus.subscribe("r"))).readAll();
  const response = eventStreamResponse(bus.subscribe("r", { after: end!.event_id }));
  assertEquals(response.status, 204);
});

test("Coming back before the end of a closed run is answered with the rest", async () => {
  const bus = closedRun(3);
  const [first] = await readAll(bus.subscribe("r"));
  const response = eventStreamResponse(bus.subscribe("r", { after: first!.event_id }));
  assertEquals(response.headers.get("Locus-Recovery"), "exact");
  const connection = follow(response);
  const events = await connection.readAll();
  assertEquals(summarize(events.slice(0, 2)), [2, 3]);
  assertEquals(events[2]?.event_type, "bus.end");
  assertEquals(connection.comments[0], "recovery exact");
});

test("A gap is said in the header, the comment and the stream", async () => {
  const bus = closedRun(10, { historyPerRun: 4 });
  const [gap] = await readAll(bus.subscribe("r"));
  const epoch = gap!.event_id.split("-")[0];
  const response = eventStreamResponse(bus.subscribe("r", { after: `${epoch}-2` }));
  assertEquals(response.headers.get("Locus-Recovery"), "gap");
  const connection = follow(response);
  const events = await connection.readAll();
  assertEquals(connection.comments[0], "recovery gap");
  assertEquals(summarize(events.slice(0, 5)), ["gap:evicted 3-6", 7, 8, 9, 10]);
  assertEquals(connection.dispatched[0]!.id, `${epoch}-6`);
});

test("A restart is said in the header, the comment and the stream", async () => {
  const response = eventStreamResponse(closedRun(1).subscribe("r", { after: "elsewhere-7" }));
  assertEquals(response.headers.get("Locus-Recovery"), "restarted");
  const connection = follow(response);
  const events = await connection.readAll();
  assertEquals(connection.comments[0], "recovery restarted");
  assertEquals(summarize(events.slice(0, 2)), ["gap:new_epoch 1-0", 1]);
});

test("A run that the bus forgets ends without bus.end, and coming back tells of it", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  publish(bus, 1);
  const connection = follow(eventStreamResponse(bus.subscribe("r")));
  await connection.read(1);
  bus.publish({ run_id: "other", event_type: "test.tick", data: {} });
  const events = await connection.readAll();
  assertEquals(summarize(events), [1]);
  const after = connection.ids.at(-1)!;
  const again = follow(eventStreamResponse(bus.subscribe("r", { after })));
  assertEquals(summarize(await again.read(1)), ["gap:new_epoch 1-0"]);
  again.drop();
});

test("A reader too many of all runs is answered 503, with a time to try again", async () => {
  const bus = new EventBus({ maxGlobalSubscribers: 1, onError: () => {} });
  const first = bus.subscribeGlobal();
  const response = eventStreamResponse(bus.subscribeGlobal());
  assertEquals(response.status, 503);
  assertMatch(response.headers.get("Retry-After")!, /^[1-5]$/);
  assertExists((await response.json()).error);
  await first.cancel();
});

test("A stream of all runs that is closed ends without bus.end", async () => {
  const bus = new EventBus();
  const connection = follow(eventStreamResponse(bus.subscribeGlobal()));
  publish(bus, 1);
  await connection.read(1);
  bus.closeGlobal();
  assertEquals(summarize(await connection.readAll()), [1]);
});

test("A quiet stream sends heartbeats", async () => {
  const bus = new EventBus();
  const response = eventStreamResponse(bus.subscribe("r"), { heartbeatMs: 10 });
  const connection = follow(response);
  await connection.readUntil(({ comments }) => comments.length >= 4);
  connection.drop();
  assertEquals(connection.comments.slice(0, 4), ["recovery none", "", "", ""]);
  assertEquals(connection.ids, []);
});

test("A heartbeat does not repeat the id of the last event", async () => {
  const bus = new EventBus();
  const connection = follow(eventStreamResponse(bus.subscribe("r"), { heartbeatMs: 10 }));
  publish(bus, 1, 2);
  await connection.readUntil(({ comments }) => comments.length > 5);
  connection.drop();
  assertEquals(connection.ids, connection.dispatched.map(({ id }) => id));
});

test("A heartbeat carries the cursor over events that were not selected", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r", { select: "other.*" });
  const connection = follow(eventStreamResponse(subscription, { heartbeatMs: 10 }));
  await connection.readUntil(({ comments }) => comments.length > 0);
  publish(bus, 1, 2, 3);
  await connection.readUntil(({ ids }) => ids.length > 0);
  connection.drop();
  assertEquals(connection.dispatched, []);
  assertMatch(connection.ids[0]!, /-3$/);
  const rest = bus.subscribe("r", { after: connection.ids[0]! });
  assertEquals(rest.recovery, "exact");
  publish(bus, 4);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(rest)), [4]);
});

test("A stream that is old enough ends without bus.end, and can be resumed", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const response = eventStreamResponse(bus.subscribe("r"), { heartbeatMs: 10, maxLifetimeMs: 30 });
  const connection = follow(response);
  assertEquals(summarize(await connection.readAll()), [1]);
  assertEquals(isActive(bus), false);
  publish(bus, 2);
  bus.closeStream("r");
  const rest = await readAll(bus.subscribe("r", { after: connection.ids.at(-1)! }));
  assertEquals(summarize(rest), [2]);
});

test("Nothing is read from the log before the client asks for it", async () => {
  const bus = new EventBus({ maxQueueSize: 5000 });
  publish(bus, ...Array.from({ length: 500 }, (_, index) => index + 1));
  const response = eventStreamResponse(bus.subscribe("r"));
  const { cursor } = bus.subscribe("r", { after: null });
  const resumed = eventStreamResponse(bus.subscribe("r", { after: cursor }));
  await turn();
  // Of one that resumes the first batch was looked at, to know whether the run is over.
  assertEquals(bus.stats().queue_depths.r, [500, 500, 500 - 64]);
  await response.body!.cancel();
  await resumed.body!.cancel();
});

test("Nothing more is read from the log before the client has taken what it was sent", async () => {
  const bus = new EventBus();
  publish(bus, ...Array.from({ length: 500 }, (_, index) => index + 1));
  const reader = eventStreamResponse(bus.subscribe("r")).body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes('"n":64}')) text += decoder.decode((await reader.read()).value);
  await turn();
  assertEquals(bus.stats().queue_depths.r, [500 - 64]);
  await reader.cancel();
});

test("A client that does not read is sent no heartbeats", async () => {
  const bus = new EventBus();
  const [idle, other] = [1, 2].map(() =>
    follow(eventStreamResponse(bus.subscribe("r"), { heartbeatMs: 10 }))
  );
  for (const { readUntil } of [idle!, other!]) {
    await readUntil(({ comments }) => comments.length > 0);
  }
  await other!.readUntil(({ comments }) => comments.length > 5);
  publish(bus, 1);
  await idle!.read(1);
  // The one that came while it waited for the event, at most.
  assert(idle!.comments.length <= 2, `${idle!.comments.length} comments`);
  for (const { drop } of [idle!, other!]) drop();
});

test("Everything that is pending is one chunk, up to a size", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2, 3, 4, 5);
  const reader = eventStreamResponse(bus.subscribe("r")).body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let chunks = 0;
  while (!text.includes('"n":5')) {
    text += decoder.decode((await reader.read()).value, { stream: true });
    chunks++;
  }
  await reader.cancel();
  assert(chunks <= 2, `the opening and the events came in ${chunks} chunks`);
});

test("A chunk stays small, however large the events are", async () => {
  const bus = new EventBus();
  const text = "x".repeat(20_000);
  for (let n = 1; n <= 60; n++) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n, text } });
  }
  bus.closeStream("r");
  const sizes: number[] = [];
  for await (const chunk of eventStreamResponse(bus.subscribe("r")).body!) {
    sizes.push(chunk.byteLength);
  }
  assert(sizes.length > 10);
  assert(Math.max(...sizes) < 64 * 1024 + 21_000, `${Math.max(...sizes)} bytes`);
});

test("A reader that falls behind is told, and nothing else is missing", async () => {
  const bus = new EventBus({ maxQueueSize: 100, historyPerRun: 100 });
  const connection = follow(eventStreamResponse(bus.subscribe("r")));
  await connection.readUntil(({ comments }) => comments.length > 0);
  for (let n = 1; n <= 1000; n++) publish(bus, n);
  bus.closeStream("r");
  const events = await connection.readAll();
  const gaps = events.filter(({ event_type }) => event_type === "bus.gap");
  const missing = gaps.reduce((sum, { data }) => sum + (data.count as number), 0);
  const delivered = events.filter(({ event_type }) => event_type === "test.tick").length;
  assert(gaps.length > 0);
  assertEquals(delivered + missing, 1000);
  assertEquals(events.at(-1)?.event_type, "bus.end");
});

for (
  const [name, leave] of Object.entries({
    "Cancelling the body": (response: Response) => response.body!.cancel(),
    "Cancelling a body that is being read": async (response: Response) => {
      const reader = response.body!.getReader();
      await reader.read();
      const waiting = reader.read();
      await reader.cancel();
      assertEquals((await waiting).done, true);
    },
    "Aborting the signal": (_response: Response, abort: AbortController) => abort.abort(),
    "Aborting the signal while the body is read": async (
      response: Response,
      abort: AbortController,
    ) => {
      const reader = response.body!.getReader();
      await reader.read();
      const waiting = reader.read();
      abort.abort();
      assertEquals((await waiting).done, true);
    },
    "Both": async (response: Response, abort: AbortController) => {
      abort.abort();
      await response.body!.cancel();
    },
  })
) {
  test(`${name} gives the subscription back`, async () => {
    const bus = new EventBus();
    const abort = new AbortController();
    const { signal } = abort;
    const response = eventStreamResponse(bus.subscribe("r"), { signal, heartbeatMs: 10 });
    assertEquals(isActive(bus), true);
    await leave(response, abort);
    assertEquals(bus.stats().queue_depths, Object.create(null));
  });
}

test("The heartbeat's timer is the connection's own, and ends with it", async () => {
  const bus = new EventBus();
  const { setInterval, clearInterval } = globalThis;
  const running = new Set<unknown>();
  globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    running.add(timer);
    return timer;
  }) as typeof setInterval;
  globalThis.clearInterval = (timer) => {
    running.delete(timer);
    clearInterval(timer);
  };
  try {
    const response = eventStreamResponse(bus.subscribe("r"));
    assertEquals(running.size, 0);
    const reader = response.body!.getReader();
    await reader.read();
    assertEquals(running.size, 1);
    await reader.cancel();
    assertEquals(running.size, 0);
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval });
  }
});

test("A signal that is aborted already ends the response at once", async () => {
  const bus = new EventBus();
  const response = eventStreamResponse(bus.subscribe("r"), { signal: AbortSignal.abort() });
  assertEquals(isActive(bus), false);
  assertEquals(await response.text(), "");
});

test("Aborting the signal after the end does nothing", async () => {
  const abort = new AbortController();
  const errors: unknown[] = [];
  const response = eventStreamResponse(closedRun(1).subscribe("r"), {
    signal: abort.signal,
    onError: (error) => void errors.push(error),
  });
  await response.text();
  abort.abort();
  await turn();
  assertEquals(errors, []);
});

test("A subscription that fails is reported, and the reader gets a correlation id only", async () => {
  const reports: [unknown, StreamErrorContext][] = [];
  const failure = new Error("the password is swordfish");
  const response = eventStreamResponse(new FakeSubscription([[event(1)], failure]), {
    onError: (error, context) => void reports.push([error, context]),
  });
  const text = await response.clone().text();
  const connection = follow(response);
  const events = await connection.readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["test.tick", "bus.error"]);
  assertEquals(reports.length, 1);
  const [error, context] = reports[0]!;
  assertStrictEquals(error, failure);
  assertEquals(context.stage, "stream");
  assertEquals(events[1]!.data, { correlation_id: context.correlationId });
  assertEquals(text.includes("swordfish"), false);
});

test("bus.error leaves the reader's cursor where it was", async () => {
  const response = eventStreamResponse(new FakeSubscription([[event(1)], new Error("no")]), {
    onError: () => {},
  });
  const connection = follow(response);
  await connection.readAll();
  assertEquals(connection.ids, ["e-1"]);
  assertEquals(connection.dispatched[1]!.type, "bus.error");
});

test("An event that cannot be sent ends the stream after those before it", async () => {
  const bad = { ...event(2), event_type: "a\r\ndata: forged" };
  const errors: unknown[] = [];
  const response = eventStreamResponse(new FakeSubscription([[event(1), bad, event(3)]]), {
    onError: (error) => void errors.push(error),
  });
  const events = await follow(response).readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["test.tick", "bus.error"]);
  assertEquals(errors.length, 1);
});

test("An onError that throws harms nobody", async () => {
  const response = eventStreamResponse(new FakeSubscription([new Error("no")]), {
    onError() {
      throw new Error("neither");
    },
  });
  const events = await follow(response).readAll();
  assertEquals(events.map(({ event_type }) => event_type), ["bus.error"]);
});

test("onError runs in the context of the call, wherever the stream is read", async () => {
  const seen: unknown[] = [];
  const response = runContext(
    { runId: "request" },
    () =>
      eventStreamResponse(new FakeSubscription([[event(1)], new Error("no")]), {
        onError: () => void seen.push(currentRunId()),
      }),
  );
  const reader = response.body!.getReader();
  let text = "";
  while (!text.includes("test.tick")) text += new TextDecoder().decode((await reader.read()).value);
  await turn();
  await runContext({ runId: "reader" }, () => reader.read());
  assertEquals(seen, ["request"]);
});

test("Reading a response inside a run changes nothing about that run", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  bus.closeStream("r");
  await runContext({ runId: "reader", bus }, async () => {
    await eventStreamResponse(bus.subscribe("r")).text();
  });
  assertEquals(bus.stats().published_events_total, 1);
});

test("Two connections send the same bytes of an event", async () => {
  const bus = new EventBus();
  const chunks: Uint8Array[] = [];
  const readers = [1, 2].map(() => eventStreamResponse(bus.subscribe("r")).body!.getReader());
  // The opening, and that there is nothing more yet.
  for (const reader of readers) for (let i = 0; i < 2; i++) await reader.read();
  const reading = readers.map((reader) => reader.read());
  publish(bus, 1);
  for (const { value } of await Promise.all(reading)) chunks.push(value!);
  for (const reader of readers) await reader.cancel();
  assertStrictEquals(chunks[0], chunks[1]);
});

/** Reads until the stream says that it is live; how many events came before, and where it is. */
async function liveOf(response: Response) {
  const connection = follow(response);
  await connection.readUntil(({ lives }) => lives.length > 0);
  return { connection, live: connection.lives[0]! };
}

test("eventStreamResponse() says once that what was there is sent, and where it is", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2, 3);
  const { connection, live } = await liveOf(eventStreamResponse(bus.subscribe("r")));
  const { event_id: third } = connection.dispatched[2]!.event;
  assertEquals([live.after, live.id, live.event.run_id], [3, third, "r"]);
  assertEquals(live.event.data, { cursor: third });
  publish(bus, 4);
  await connection.read(4);
  publish(bus, 5);
  bus.closeStream("r");
  await connection.readAll();
  assertEquals(connection.lives.length, 1);
});

test("eventStreamResponse() says that it is live before what came while the history was read", async () => {
  const bus = new EventBus();
  publish(bus, ...Array.from({ length: 100 }, (_, index) => index + 1));
  const connection = follow(eventStreamResponse(bus.subscribe("r")));
  // The history is more than one batch.
  await connection.read(1);
  publish(bus, 101);
  await connection.readUntil(({ lives }) => lives.length > 0);
  assert(connection.lives[0]!.after >= 100, `after ${connection.lives[0]!.after} events`);
  connection.drop();
});

test("eventStreamResponse() says of a run without events, and of all runs, that it is live", async () => {
  const bus = new EventBus();
  const waiting = await liveOf(eventStreamResponse(bus.subscribe("r")));
  // There is no place to come back to: the run may begin anew.
  assertEquals([waiting.live.after, waiting.live.id], [0, undefined]);
  publish(bus, 1, 2);
  const all = await liveOf(eventStreamResponse(bus.subscribeGlobal()));
  assertEquals([all.live.event.run_id, all.live.id?.split("-")[1]], ["*", "2"]);
  const several = await liveOf(eventStreamResponse(bus.subscribe(["r", "s"])));
  assertEquals([several.live.after, several.live.id?.split("-")[1]], [2, "2"]);
  for (const { connection } of [waiting, all, several]) connection.drop();
});

test("eventStreamResponse() says that it is live where a selection matches nothing", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const subscription = bus.subscribe("r", { select: "other.*" });
  const { connection, live } = await liveOf(eventStreamResponse(subscription));
  assertEquals(live.after, 0);
  connection.drop();
});

test("eventStreamResponse() does not say that a run is live which is over", async () => {
  for (const options of [{}, { from: -1 }]) {
    const connection = follow(eventStreamResponse(closedRun(3).subscribe("r", options)));
    await connection.readAll();
    assertEquals(connection.lives, []);
  }
});

test("eventStreamResponse() refuses a subscription that somebody reads", () => {
  const subscription = new EventBus().subscribe("r");
  subscription.getReader();
  assertThrows(() => eventStreamResponse(subscription), TypeError);
});

test("eventStreamResponse() refuses bad options, and leaves the subscription alone", () => {
  const bad = [
    [{ heartbeatMs: 9 }, RangeError, '"heartbeatMs" must be a whole number from 10 to 60000'],
    [{ heartbeatMs: 60_001 }, RangeError, "got 60001"],
    [{ heartbeatMs: NaN }, RangeError, "got NaN"],
    [{ heartbeatMs: "5000" }, RangeError, 'got "5000"'],
    [{ maxLifetimeMs: 0 }, RangeError, '"maxLifetimeMs" must be a number of at least 1, got 0'],
    [{ maxLifetimeMs: null }, RangeError, "got null"],
    [{ onError: "log" }, TypeError, '"onError" must be a function, got "log"'],
    [{ signal: {} }, TypeError, '"signal" must be an AbortSignal, got an object'],
    [{ heartbeat: 1 }, TypeError, 'unknown option "heartbeat"'],
  ] as const;
  const subscription = new EventBus().subscribe("r");
  for (const [options, errorClass, message] of bad) {
    assertThrows(
      () => eventStreamResponse(subscription, options as EventStreamOptions),
      errorClass,
      message,
    );
  }
  assertEquals(subscription.locked, false);
});

test("A thousand connections that come and go leave nothing behind", async () => {
  const bus = new EventBus();
  for (let i = 0; i < 1000; i++) {
    const reader = eventStreamResponse(bus.subscribe("r")).body!.getReader();
    await reader.read();
    await reader.cancel();
  }
  const { active_runs, queue_depths, history_runs } = bus.stats();
  assertEquals([active_runs, Object.keys(queue_depths), history_runs], [0, [], 0]);
});

function event(n: number): WireEvent {
  return {
    event_id: `e-${n}`,
    run_id: "r",
    event_type: "test.tick",
    timestamp: "2026-01-31T12:00:00.000Z",
    data: { n },
  };
}
