import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CoordinationBus, type CoordinationHistoryQuery } from "@locus/core/coordination";

/** Publishes one event for each number. */
async function publish(bus: CoordinationBus, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await bus.stream("s").publish("custom", { n });
}

function numbers(bus: CoordinationBus, query?: CoordinationHistoryQuery): unknown[] {
  return bus.getHistory(query).map(({ data }) => (data as { n?: unknown }).n);
}

test("getHistory() is newest first", async () => {
  const bus = new CoordinationBus();
  assertEquals(numbers(bus), []);
  await publish(bus, 1, 2, 3);
  assertEquals(numbers(bus), [3, 2, 1]);
});

test("getHistory() holds the newest maxHistory events, whatever their number", async () => {
  const bus = new CoordinationBus({ maxHistory: 3 });
  for (let n = 1; n <= 10; n++) {
    await publish(bus, n);
    assertEquals(numbers(bus), [n, n - 1, n - 2].filter((number) => number > 0));
  }
  assertEquals(bus.getStats().total_events, 3);
});

test("getHistory() holds a thousand events by default, and answers with a hundred", async () => {
  const bus = new CoordinationBus();
  await publish(bus, ...Array.from({ length: 1_001 }, (_, i) => i));
  assertEquals(numbers(bus).length, 100);
  assertEquals(numbers(bus, { limit: 2_000 }).length, 1_000);
  assertEquals(numbers(bus, { limit: 2_000 }).at(-1), 1);
});

test("getHistory({ limit }) counts what matches", async () => {
  const bus = new CoordinationBus();
  await publish(bus, 1, 2);
  await bus.stream("other").publish("custom", { n: 3 });
  assertEquals(numbers(bus, { stream: "s", limit: 1 }), [2]);
  assertEquals(numbers(bus, { limit: 0 }), []);
});

test("getHistory() filters by type and every id, and wants all of them to hold", async () => {
  const bus = new CoordinationBus();
  const a = bus.stream("a");
  await a.publish("custom", { n: 1 }, { correlationId: "c" });
  await a.node("n").publish("custom", { n: 2 });
  await a.execution("e").publish("custom", { n: 3 });
  await bus.stream("b").node("n").publish("goal_achieved", { n: 4 }, { correlationId: "c" });
  assertEquals(numbers(bus, { stream: "a" }), [3, 2, 1]);
  assertEquals(numbers(bus, { type: "custom" }), [3, 2, 1]);
  assertEquals(numbers(bus, { node: "n" }), [4, 2]);
  assertEquals(numbers(bus, { execution: "e" }), [3]);
  assertEquals(numbers(bus, { correlation: "c" }), [4, 1]);
  assertEquals(numbers(bus, { correlation: "c", stream: "a" }), [1]);
  assertEquals(numbers(bus, { node: "n", type: "goal_achieved" }), [4]);
  assertEquals(numbers(bus, { stream: "", correlation: "" }), [4, 3, 2, 1]);
});

test("getHistory() gives the events themselves, in a list that is the caller's", async () => {
  const bus = new CoordinationBus();
  await publish(bus, 1);
  const [event] = bus.getHistory();
  bus.getHistory().pop();
  assertStrictEquals(bus.getHistory()[0], event);
});

test("The history forgets the oldest events over maxBytes", async () => {
  const bus = new CoordinationBus({ maxBytes: 5_000 });
  for (let n = 1; n <= 10; n++) {
    await bus.stream("s").publish("custom", { n, text: "x".repeat(500) });
  }
  assertEquals(numbers(bus), [10, 9, 8, 7]);
});

test("getStats() counts what the history holds, and who listens", async () => {
  const bus = new CoordinationBus({ maxHistory: 3 });
  assertEquals(bus.getStats(), { total_events: 0, subscriptions: 0, events_by_type: {} });
  await publish(bus, 1, 2, 3);
  await bus.stream("s").publish("goal_achieved");
  bus.subscribe({ handler() {} });
  const waiting = bus.waitFor({ type: "stream_started" });
  assertEquals(bus.getStats(), {
    total_events: 3,
    subscriptions: 2,
    events_by_type: { custom: 2, goal_achieved: 1 },
  });
  await bus.stream("s").publish("stream_started");
  await waiting;
  assertEquals(bus.getStats().subscriptions, 1);
});

test("getHistory() rejects what is not valid, and names it", () => {
  const bus = new CoordinationBus();
  const fails = (query: unknown, type: ErrorConstructor, message: string) =>
    assertThrows(() => bus.getHistory(query as never), type, message);
  fails({ limit: -1 }, RangeError, '"limit" must be a whole number of at least 0, got -1');
  fails({ type: "nope" }, TypeError, 'got "nope"');
  fails({ type: "" }, TypeError, 'got ""');
  fails({ types: ["custom"] }, TypeError, 'unknown option "types"');
  fails({ correlation: "a b" }, TypeError, '"correlation" must be');
});
