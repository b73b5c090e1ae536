import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { readAll, readSome, summarize } from "../../harness/support/read.ts";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

test("EventBus.subscribeGlobal() delivers every run's events, live only", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  const reading = readAll(bus.subscribeGlobal());
  publish(bus, "a", 2);
  publish(bus, "b", 1);
  publish(bus, "a", 3);
  bus.closeGlobal();
  const events = await reading;
  assertEquals(events.map(({ run_id, data }) => [run_id, data.n]), [["a", 2], ["b", 1], ["a", 3]]);
});

test("EventBus.subscribeGlobal() delivers the very events that the runs deliver", async () => {
  const bus = new EventBus();
  const all = readAll(bus.subscribeGlobal());
  publish(bus, "a", 1, 2);
  bus.closeStream("a");
  bus.closeGlobal();
  assertEquals(await all, await readAll(bus.subscribe("a")));
});

test("EventBus.subscribeGlobal() announces exactly what a slow reader missed", async () => {
  const bus = new EventBus({ maxQueueSize: 3 });
  const subscription = bus.subscribeGlobal();
  publish(bus, "a", 1, 2, 3);
  publish(bus, "b", 4, 5);
  const [gap, ...rest] = await readSome(subscription, 4);
  assertEquals(summarize([gap!, ...rest]), ["gap:lagged 1-2", 3, 4, 5]);
  assertEquals(gap!.run_id, "*");
  await subscription.cancel();
});

test("EventBus.subscribeGlobal({ select }) filters by type", async () => {
  const bus = new EventBus();
  const reading = readAll(bus.subscribeGlobal({ select: "other.*" }));
  publish(bus, "a", 1);
  bus.publish({ run_id: "a", event_type: "other.event", data: { n: 2 } });
  bus.closeGlobal();
  assertEquals(summarize(await reading), [2]);
});

test("EventBus.subscribeGlobal() over the cap ends at once, and a freed place is used again", async () => {
  const errors: string[] = [];
  const bus = new EventBus({
    maxGlobalSubscribers: 2,
    onError: (error) => errors.push(error.message),
  });
  const [first, second] = [bus.subscribeGlobal(), bus.subscribeGlobal()];
  const third = bus.subscribeGlobal();
  assertEquals(third.ended, "rejected");
  assertEquals(await readAll(third), []);
  assertStringIncludes(errors[0]!, "there are 2 (maxGlobalSubscribers)");
  await first.cancel();
  const fourth = bus.subscribeGlobal();
  assertEquals(fourth.ended, null);
  await Promise.all([second.cancel(), fourth.cancel()]);
  assertEquals(bus.stats().global_subscribers, 0);
});

test("EventBus.subscribeGlobal() allows 50 readers by default", async () => {
  const bus = new EventBus({ onError() {} });
  const subscriptions = Array.from({ length: 51 }, () => bus.subscribeGlobal());
  assertEquals(subscriptions.map(({ ended }) => ended).indexOf("rejected"), 50);
  await Promise.all(subscriptions.map((subscription) => subscription.cancel()));
});

test("EventBus.closeGlobal() ends the readers after what is pending; new ones may come", async () => {
  const bus = new EventBus();
  const reading = readAll(bus.subscribeGlobal());
  publish(bus, "a", 1);
  bus.closeGlobal();
  publish(bus, "a", 2);
  assertEquals(summarize(await reading), [1]);
  const again = readAll(bus.subscribeGlobal());
  publish(bus, "a", 3);
  bus.closeGlobal();
  assertEquals(summarize(await again), [3]);
});

test("EventBus.subscribeGlobal() is not ended by the end of a run", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribeGlobal();
  publish(bus, "a", 1);
  bus.closeStream("a");
  publish(bus, "b", 2);
  assertEquals(summarize(await readSome(subscription, 2)), [1, 2]);
  await subscription.cancel();
});

test("EventBus.subscribeGlobal() rejects options that it does not have", () => {
  assertThrows(
    () => new EventBus().subscribeGlobal({ from: "live" } as never),
    TypeError,
    'EventBus.subscribeGlobal(): unknown option "from"',
  );
  assertThrows(
    () => new EventBus().subscribeGlobal({ after: 5 } as never),
    TypeError,
    'EventBus.subscribeGlobal(): "after" must be a position, got 5',
  );
});
