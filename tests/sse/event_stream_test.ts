import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Subscription } from "@locus/core";
import type { WireEvent } from "@locus/core/sse";
import { readSubscription } from "../../src/sse/batch_reader.ts";
import { EventStream } from "../../src/sse/event_stream.ts";
import { WireContent } from "../../src/sse/wire_content.ts";
import { StreamWriter } from "../../src/sse/stream_writer.ts";
import { PermitCheck } from "../../src/sse/access_recheck.ts";
import { checkStreamOptions, type StreamSettings } from "../../src/sse/stream_options.ts";
import { EventBus } from "@locus/core";
import { eventStreamResponse } from "@locus/core/sse";
import { openEventStream } from "../../src/sse/response.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { FakeSubscription } from "../harness/support/fake_subscription.ts";
import { follow } from "../harness/support/event_source.ts";

/** What writes a stream of the run `r`. */
function createWriter(
  subscription: Subscription<WireEvent>,
  opening: Uint8Array<ArrayBuffer>[],
  settings: Partial<StreamSettings> = {},
): StreamWriter {
  const own = { ...checkStreamOptions("test", {}), ...settings };
  const content = new WireContent({
    reader: readSubscription(subscription),
    first: null,
    startCursor: subscription.cursor,
    opening,
    settings: own,
  });
  return new StreamWriter(new EventStream(content, own));
}

/** A stream's controller that keeps nothing. */
const controller = { desiredSize: null, enqueue() {}, close() {}, error() {} };

test("StreamWriter.cancel() answers a pull that waits", async () => {
  const bus = new EventBus();
  let releases = 0;
  const writer = createWriter(bus.subscribe("r"), [], { onRelease: () => void releases++ });
  writer.start(controller);
  const waiting = writer.pull();
  writer.cancel();
  await waiting;
  assertEquals([bus.stats().active_runs, releases], [0, 1]);
});

test("StreamWriter.cancel() answers a pull also where the bus does not answer any more", async () => {
  class SilentSubscription extends FakeSubscription {
    // deno-lint-ignore require-yield
    override async *batches(): AsyncGenerator<readonly WireEvent[], undefined> {
      await new Promise(() => {});
    }
  }
  const writer = createWriter(new SilentSubscription([]), []);
  writer.start(controller);
  const waiting = writer.pull();
  writer.cancel();
  await waiting;
});

test("StreamWriter.cancel() may come twice", () => {
  const bus = new EventBus();
  const writer = createWriter(bus.subscribe("r"), []);
  writer.start(controller);
  writer.cancel();
  writer.cancel();
  assertEquals(bus.stats().active_runs, 0);
});

test("EventStream gives everything back when a write fails", async () => {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const writer = createWriter(bus.subscribe("r"), [], {
    onError: (error) => void errors.push(error),
  });
  // As when a runtime has ended the stream without cancelling it.
  writer.start({
    ...controller,
    enqueue() {
      throw new TypeError("gone");
    },
  });
  const waiting = writer.pull();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  await waiting;
  assertEquals(bus.stats().active_runs, 0);
  assertEquals(errors.map(String), ["TypeError: gone"]);
});

test("EventStream cuts off a client that leaves what it was sent unread", async () => {
  const bus = new EventBus();
  let releases = 0;
  const writer = createWriter(bus.subscribe("r"), [new Uint8Array(1)], {
    ...checkStreamOptions("test", { heartbeatMs: 10, writeTimeoutMs: 50 }),
    onRelease: () => void releases++,
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  writer.start({ ...controller, error: resolve });
  const clock = installFakeClock();
  try {
    // The opening is written, and nobody asks for more.
    await writer.pull();
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
    const replaced = new AbortController();
    const ends: string[] = [];
    const writer = createWriter(bus.subscribe("r"), [new Uint8Array(1)], {
      ...checkStreamOptions("test", { heartbeatMs: 10 }),
      replaced: replaced.signal,
      onRelease: () => void ends.push("released"),
    });
    writer.start({
      ...controller,
      close: () => void ends.push("closed"),
      error: () => void ends.push("cut off"),
    });
    const clock = installFakeClock();
    try {
      await writer.pull();
      const waiting = isRead ? writer.pull() : null;
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

test("EventStream does not cut off a client that waits for more", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const response = eventStreamResponse(subscription, { heartbeatMs: 10, writeTimeoutMs: 20 });
  const connection = follow(response);
  await connection.readUntil(({ comments }) => comments.length > 10);
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  assertEquals((await connection.read(1)).length, 1);
  connection.drop();
});

test("EventStream writes nothing after its permit failed", async () => {
  const bus = new EventBus();
  const written: string[] = [];
  const failed = Promise.withResolvers<void>();
  const writer = createWriter(bus.subscribe("r"), [new Uint8Array(1)], {
    ...checkStreamOptions("test", { heartbeatMs: 10, onError: () => failed.resolve() }),
    permit: { renew: () => Promise.reject(new Error("swordfish")), everyMs: 1 },
  });
  writer.start({
    ...controller,
    enqueue: (chunk) => void written.push(new TextDecoder().decode(chunk)),
  });
  await writer.pull();
  await failed.promise;
  // What the log has now is not for this client any more.
  bus.publish({ run_id: "r", event_type: "test.secret", data: {} });
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  await writer.pull();
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
