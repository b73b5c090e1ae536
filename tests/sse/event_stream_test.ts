import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventStreamSource } from "../../src/sse/event_stream.ts";
import { PermitCheck } from "../../src/sse/access_recheck.ts";
import { checkStreamOptions } from "../../src/sse/stream_options.ts";
import { EventBus } from "@locus/core";
import { eventStreamResponse } from "@locus/core/sse";
import { openEventStream } from "../../src/sse/response.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { follow } from "../harness/support/event_source.ts";

interface SourceOptions {
  first?: Promise<never>;
  onError?: (error: unknown) => void;
}

function createSource(bus: EventBus, { first, onError }: SourceOptions = {}): EventStreamSource {
  const subscription = bus.subscribe("r");
  const batches = subscription.batches();
  return new EventStreamSource({
    subscription,
    batches,
    first: first ?? batches.next(),
    startCursor: subscription.cursor,
    opening: [],
    settings: checkStreamOptions("test", { onError }),
  });
}

test("EventStreamSource.cancel() answers a pull that waits", async () => {
  const bus = new EventBus();
  // Also where the bus does not answer any more.
  const source = createSource(bus, { first: new Promise(() => {}) });
  const waiting = source.pull();
  source.cancel();
  await waiting;
  assertEquals(bus.stats().active_runs, 0);
});

test("EventStreamSource.cancel() may come twice", () => {
  const bus = new EventBus();
  const source = createSource(bus);
  source.cancel();
  source.cancel();
  assertEquals(bus.stats().active_runs, 0);
});

test("EventStreamSource gives everything back when a write fails", async () => {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const source = createSource(bus, { onError: (error) => void errors.push(error) });
  // As when a runtime has ended the stream without cancelling it.
  source.start({
    desiredSize: null,
    enqueue() {
      throw new TypeError("gone");
    },
    close() {},
    error() {},
  });
  const waiting = source.pull();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  await waiting;
  assertEquals(bus.stats().active_runs, 0);
  assertEquals(errors.map(String), ["TypeError: gone"]);
});

test("EventStreamSource cuts off a client that leaves what it was sent unread", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const batches = subscription.batches();
  let releases = 0;
  const source = new EventStreamSource({
    subscription,
    batches,
    first: batches.next(),
    startCursor: subscription.cursor,
    opening: [new Uint8Array(1)],
    settings: {
      ...checkStreamOptions("test", { heartbeatMs: 10, writeTimeoutMs: 50 }),
      onRelease: () => void releases++,
    },
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  source.start({ desiredSize: null, enqueue() {}, close() {}, error: resolve });
  const clock = installFakeClock();
  try {
    // The opening is written, and nobody asks for more.
    await source.pull();
    const error = await clock.run(promise);
    assertEquals(String(error), "Error: The client does not read what it was sent");
    assertEquals([clock.now, bus.stats().active_runs, releases], [50, 0, 1]);
  } finally {
    clock.restore();
  }
});

test("D2: a stream that is replaced is cut off where nobody reads it, and ends where somebody does", async () => {
  for (const isRead of [true, false]) {
    const bus = new EventBus();
    const subscription = bus.subscribe("r");
    const batches = subscription.batches();
    const replaced = new AbortController();
    const ends: string[] = [];
    const source = new EventStreamSource({
      subscription,
      batches,
      first: batches.next(),
      startCursor: subscription.cursor,
      opening: [new Uint8Array(1)],
      settings: {
        ...checkStreamOptions("test", { heartbeatMs: 10 }),
        replaced: replaced.signal,
        onRelease: () => void ends.push("released"),
      },
    });
    source.start({
      desiredSize: null,
      enqueue() {},
      close: () => void ends.push("closed"),
      error: () => void ends.push("cut off"),
    });
    const clock = installFakeClock();
    try {
      await source.pull();
      const waiting = isRead ? source.pull() : null;
      // It is unread for a heartbeat.
      clock.sleep(11);
      replaced.abort();
      replaced.abort();
      await waiting;
    } finally {
      clock.restore();
    }
    assertEquals(ends, ["released", isRead ? "closed" : "cut off"]);
    assertEquals(bus.stats().active_runs, 0);
  }
});

test("A stream has a heartbeat every five seconds", () => {
  const { heartbeatMs } = checkStreamOptions("test", {});
  assertEquals(heartbeatMs, 5_000);
});

test("D2: a stream that was replaced before it began ends at once", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const response = openEventStream(subscription, {
    ...checkStreamOptions("test", {}),
    replaced: AbortSignal.abort(),
  });
  assertEquals([await response.text(), bus.stats().active_runs], ["", 0]);
});

test("EventStreamSource does not cut off a client that waits for more", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const response = eventStreamResponse(subscription, { heartbeatMs: 10, writeTimeoutMs: 20 });
  const connection = follow(response);
  await connection.readUntil(({ comments }) => comments.length > 10);
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  assertEquals((await connection.read(1)).length, 1);
  connection.drop();
});

test("EventStreamSource writes nothing after its permit failed", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const batches = subscription.batches();
  const written: string[] = [];
  const failed = Promise.withResolvers<void>();
  const source = new EventStreamSource({
    subscription,
    batches,
    first: batches.next(),
    startCursor: subscription.cursor,
    opening: [new Uint8Array(1)],
    settings: {
      ...checkStreamOptions("test", { heartbeatMs: 10, onError: () => failed.resolve() }),
      permit: { renew: () => Promise.reject(new Error("swordfish")), everyMs: 1 },
    },
  });
  source.start({
    desiredSize: null,
    enqueue: (chunk) => void written.push(new TextDecoder().decode(chunk)),
    close() {},
    error() {},
  });
  await source.pull();
  await failed.promise;
  // What the log has now is not for this client any more.
  bus.publish({ run_id: "r", event_type: "test.secret", data: {} });
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  await source.pull();
  assertEquals(written.length, 2);
  assertEquals(written[1]!.includes("bus.error"), true);
  assertEquals(written.join("").includes("test.secret"), false);
  assertEquals(bus.stats().active_runs, 0);
});

test("PermitCheck asks one question at a time, and takes 5 seconds of silence for a no", async () => {
  const answers: ((isPermitted: boolean) => void)[] = [];
  const denied: number[] = [];
  let now = 0;
  const check = new PermitCheck(
    { renew: () => new Promise((resolve) => void answers.push(resolve)), everyMs: 10 },
    now,
    { onDenied: () => void denied.push(now), onFailure() {} },
  );
  const tick = (time: number) => check.tick(now = time);
  for (const time of [5, 10, 20, 30, 4_999]) tick(time);
  assertEquals([answers.length, denied], [1, []]);
  answers[0]!(true);
  await Promise.resolve().then(() => {}).then(() => {});
  tick(5_000);
  assertEquals(answers.length, 2);
  tick(9_999);
  assertEquals(denied, []);
  tick(10_000);
  assertEquals(denied, [10_000]);
});
