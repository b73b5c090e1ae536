import { test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import { EventBus } from "@locus/core";

function publish(bus: EventBus, ...runs: string[]): void {
  for (const run of runs) bus.publish({ run_id: run, event_type: "test.tick", data: {} });
}

function names(bus: EventBus): string[] {
  return bus.runs().map(({ run_id }) => run_id).sort();
}

test("EventBus.runs() tells which runs are held, and which of them are closed", () => {
  const bus = new EventBus();
  publish(bus, "a", "b");
  bus.closeStream("a");
  bus.closeStream("c");
  assertEquals(
    new Map(bus.runs().map(({ run_id, closed }) => [run_id, closed])),
    new Map([["a", true], ["b", false], ["c", true]]),
  );
});

test("EventBus.runs() tells the cursor to resume a run at", () => {
  const bus = new EventBus();
  publish(bus, "a", "a");
  bus.closeStream("empty");
  const empty = bus.runs().find(({ run_id }) => run_id === "empty");
  const run = bus.runs().find(({ run_id }) => run_id === "a");
  assertEquals(run!.cursor, bus.history({ run: "a" }, { limit: 1 })[0]!.event_id);
  assertEquals(bus.subscribe("a", { after: run!.cursor }).recovery, "exact");
  assertEquals(empty!.cursor.split("-")[1], "0");
});

test("EventBus.runs() leaves out runs that are only waited for", async () => {
  const bus = new EventBus();
  const waiting = bus.subscribe("later");
  assertEquals(bus.runs(), []);
  publish(bus, "later");
  assertEquals(names(bus), ["later"]);
  await waiting.cancel();
});

test("EventBus.runs() leaves out what was dropped or forgotten", () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "a", "b", "c");
  assertEquals(names(bus), ["b", "c"]);
  bus.dropHistory("c");
  assertEquals(names(bus), ["b"]);
});

test("EventBus.runs() shows a new epoch after a run began anew", () => {
  const bus = new EventBus();
  publish(bus, "a");
  const [before] = bus.runs();
  bus.dropHistory("a");
  publish(bus, "a");
  const [after] = bus.runs();
  assertNotEquals(after!.cursor, before!.cursor);
});
