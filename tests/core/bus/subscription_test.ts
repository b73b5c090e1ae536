import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { EventBus, type StreamEvent } from "@locus/core";
import { type AnyEvent, readAll, summarize } from "../../harness/support/read.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

function numberOf(event: StreamEvent | undefined): unknown {
  return (event as AnyEvent | undefined)?.data.n;
}

test("Subscription is a web ReadableStream", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  bus.closeStream("r");
  const subscription = bus.subscribe("r");
  assertInstanceOf(subscription, ReadableStream);
  const reader = subscription.getReader();
  assertEquals(numberOf((await reader.read()).value), 1);
  assertEquals(numberOf((await reader.read()).value), 2);
  assertEquals((await reader.read()).done, true);
  await reader.closed;
});

test("Subscription.getReader() waits for live events", async () => {
  const bus = new EventBus();
  const reader = bus.subscribe("r").getReader();
  const reading = reader.read();
  publish(bus, 1);
  assertEquals(numberOf((await reading).value), 1);
  await reader.cancel();
  assertEquals(bus.stats().active_runs, 0);
});

test("Subscription.pipeThrough() carries every event to the end", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2, 3);
  const seen: unknown[] = [];
  const piping = bus.subscribe("r")
    .pipeThrough(
      new TransformStream<StreamEvent, unknown>({
        transform: (event, controller) => controller.enqueue(numberOf(event)),
      }),
    )
    .pipeTo(new WritableStream({ write: (value) => void seen.push(value) }));
  publish(bus, 4);
  bus.closeStream("r");
  await piping;
  assertEquals(seen, [1, 2, 3, 4]);
});

test("Subscription does not read ahead: what nobody took can still be resumed", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const subscription = bus.subscribe("r");
  await Promise.resolve();
  assertEquals(bus.stats().queue_depths.r, [2]);
  await subscription.cancel();
});

test("Subscription.batches() yields all that is pending at once, then waits", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2, 3);
  const batches = bus.subscribe("r").batches();
  const sizes = [(await batches.next()).value?.length];
  const waiting = batches.next();
  publish(bus, 4, 5);
  sizes.push((await waiting).value?.length);
  bus.closeStream("r");
  assertEquals(sizes, [3, 2]);
  assertEquals((await batches.next()).done, true);
});

test("Subscription.batches({ maxEvents }) leaves the rest in the log", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2, 3, 4, 5);
  const subscription = bus.subscribe("r");
  const batches = subscription.batches({ maxEvents: 2 });
  assertEquals((await batches.next()).value?.map(numberOf), [1, 2]);
  assertEquals(bus.stats().queue_depths.r, [3]);
  bus.closeStream("r");
  assertEquals((await batches.next()).value?.map(numberOf), [3, 4]);
  assertEquals((await batches.next()).value?.map(numberOf), [5]);
  assertEquals((await batches.next()).done, true);
});

test("Subscription.batches() refuses a bad maxEvents", () => {
  const subscription = new EventBus().subscribe("r");
  for (const maxEvents of [0, -1, 1.5, NaN]) {
    assertThrows(() => subscription.batches({ maxEvents }), RangeError, '"maxEvents" must be');
  }
});

test("Subscription.runId names the run, or * for all of them", () => {
  const bus = new EventBus();
  assertEquals(bus.subscribe("r").runId, "r");
  assertEquals(bus.subscribeGlobal().runId, "*");
});

test("Subscription.batches() puts a gap first in its batch", async () => {
  const bus = new EventBus({ maxQueueSize: 2, historyPerRun: 2 });
  const subscription = bus.subscribe("r");
  publish(bus, 1, 2, 3);
  bus.closeStream("r");
  const seen = [];
  for await (const batch of subscription.batches()) seen.push(summarize(batch as AnyEvent[]));
  assertEquals(seen, [["gap:lagged 1-1", 2, 3]]);
});

test("Leaving a for await loop by break frees the subscription", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const subscription = bus.subscribe("r");
  for await (const _ of subscription) break;
  assertEquals(subscription.ended, "cancelled");
  assertEquals(subscription.locked, false);
  assertEquals(bus.stats().active_runs, 0);
});

test("Leaving a for await loop by a throw frees the subscription", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const subscription = bus.subscribe("r");
  try {
    for await (const _ of subscription) throw new Error("consumer");
  } catch (error) {
    assertEquals((error as Error).message, "consumer");
  }
  assertEquals(bus.stats().active_runs, 0);
});

test("Aborting the signal ends a reader that waits", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const subscription = bus.subscribe("r", { signal: abort.signal });
  const reading = readAll(subscription);
  publish(bus, 1);
  await Promise.resolve();
  abort.abort();
  assert((await reading).length <= 1);
  assertEquals(subscription.ended, "cancelled");
  assertEquals(bus.stats().active_runs, 0);
});

test("Aborting the signal closes the stream's own reader", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const reader = bus.subscribe("r", { signal: abort.signal }).getReader();
  const reading = reader.read();
  abort.abort();
  assertEquals((await reading).done, true);
  await reader.closed;
});

test("A signal that is aborted already yields nothing and registers nobody", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const subscription = bus.subscribe("r", { signal: AbortSignal.abort() });
  assertEquals(await readAll(subscription), []);
  assertEquals(bus.stats().active_runs, 0);
});

test("Subscription.cancel() ends it, and leaves no trace of a run that only it waited for", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  await subscription.cancel();
  assertEquals(subscription.ended, "cancelled");
  assertEquals(bus.stats().active_runs, 0);
  assertEquals(bus.stats().history_runs, 0);
});

test("Subscription is locked while it is iterated", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  const subscription = bus.subscribe("r");
  const iterator = subscription[Symbol.asyncIterator]();
  assertEquals(subscription.locked, true);
  assertThrows(() => subscription.getReader(), TypeError);
  assertThrows(() => subscription[Symbol.asyncIterator](), TypeError);
  await iterator.return?.();
  assertEquals(subscription.locked, false);
});

test("Subscription.values({ preventCancel }) can be left and taken up again", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  bus.closeStream("r");
  const subscription = bus.subscribe("r");
  for await (const event of subscription.values({ preventCancel: true })) {
    assertEquals(numberOf(event), 1);
    break;
  }
  assertEquals(subscription.ended, null);
  assertEquals(summarize(await readAll(subscription)), [2]);
});

test("Calls of next() that do not wait for each other are answered in order", async () => {
  const bus = new EventBus();
  const iterator = bus.subscribe("r")[Symbol.asyncIterator]();
  const reading = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
  publish(bus, 1, 2);
  bus.closeStream("r");
  const results = await reading;
  assertEquals(results.map((result) => numberOf(result.value)), [1, 2, undefined]);
  assertEquals(results.map((result) => result.done), [false, false, true]);
});

test("return() answers a next() that still waits", async () => {
  const bus = new EventBus();
  const iterator = bus.subscribe("r")[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await iterator.return?.();
  assertEquals((await waiting).done, true);
  assertEquals(bus.stats().active_runs, 0);
});

test("A reader that publishes while it reads sees its own events, in order", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const seen: unknown[] = [];
  for await (const event of bus.subscribe("r")) {
    const n = numberOf(event) as number;
    seen.push(n);
    if (n < 5) publish(bus, n + 1);
    else bus.closeStream("r");
  }
  assertEquals(seen, [1, 2, 3, 4, 5]);
});

test("A thousand waiting readers that leave an idle run leave nothing behind", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const iterators = Array.from(
    { length: 1000 },
    () => bus.subscribe("r", { from: "live" })[Symbol.asyncIterator](),
  );
  const waiting = iterators.map((iterator) => iterator.next());
  assertEquals(bus.stats().queue_depths.r?.length, 1000);
  await Promise.all(iterators.map((iterator) => iterator.return?.()));
  assert((await Promise.all(waiting)).every((result) => result.done));
  assertEquals(bus.stats().active_runs, 0);
});
