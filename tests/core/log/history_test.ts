import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

const numbers = (events: { data: unknown }[]) =>
  events.map(({ data }) => (data as { n: number }).n);

test("EventBus.history() answers a run's events, newest first", () => {
  const bus = new EventBus();
  publish(bus, "a", 1, 2, 3);
  publish(bus, "b", 9);
  assertEquals(numbers(bus.history({ run: "a" })), [3, 2, 1]);
});

test("EventBus.history() without a run answers all of them, in the order of publishing", () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  publish(bus, "a", 3);
  publish(bus, "c", 4);
  assertEquals(numbers(bus.history()), [4, 3, 2, 1]);
});

test("EventBus.history({ limit }) answers the newest that match", () => {
  const bus = new EventBus();
  publish(bus, "a", 1, 2, 3);
  bus.publish({ run_id: "a", event_type: "test.other", data: { n: 4 } });
  publish(bus, "b", 5);
  assertEquals(numbers(bus.history("test.tick", { limit: 2 })), [5, 3]);
  assertEquals(numbers(bus.history({ type: "test.*", run: "a" }, { limit: 2 })), [4, 3]);
  assertEquals(bus.history("test.tick", { limit: 0 }).length, 0);
});

test("EventBus.history() has a limit of 100 by default", () => {
  const bus = new EventBus();
  publish(bus, "a", ...Array.from({ length: 150 }, (_, i) => i));
  assertEquals(bus.history("test.tick").length, 100);
});

test("EventBus.history() of an unknown run is empty, and creates none", () => {
  const bus = new EventBus();
  assertEquals(bus.history({ run: "nowhere" }).length, 0);
  assertEquals(bus.stats().history_runs, 0);
});

test("EventBus.history() rejects a bad limit", () => {
  assertThrows(() => new EventBus().history({}, { limit: -1 }), RangeError, '"limit" must be');
});
