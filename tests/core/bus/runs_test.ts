import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { EventBus, type RunInfo } from "@locus/core";

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
  assertEquals(bus.runs().length, 0);
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

test("EventBus.runs() tells how a run began and ended, also when its history holds that no more", () => {
  const bus = new EventBus({ historyPerRun: 3, maxRunsRetained: 2 });
  const started = (name: string) =>
    bus.publish({ run_id: "a", event_type: "run.started", data: { ...START, name } });
  const completed = (outcome: "waiting" | "ok") =>
    bus.publish({ run_id: "a", event_type: "run.completed", data: { ...END, outcome } });
  started("first");
  const [{ started: first, completed: none }] = [...bus.runs()] as [RunInfo];
  assertEquals([first!.data.name, none], ["first", undefined]);
  completed("waiting");
  started("second");
  completed("ok");
  publish(bus, ...Array<string>(10).fill("a"));
  const [run] = bus.runs();
  assertStrictEquals(run!.started, first);
  assertEquals([run!.started!.event_id.split("-")[1], run!.completed!.data.outcome], ["1", "ok"]);
  publish(bus, "b", "c");
  publish(bus, "a");
  const again = bus.runs().find(({ run_id }) => run_id === "a")!;
  assertEquals([again.started, again.completed], [undefined, undefined]);
});

test("EventBus.runs() forgets with the history how a run began, and keeps that small", async () => {
  const bus = new EventBus();
  const metadata = { text: "x".repeat(100_000) };
  bus.publish({ run_id: "a", event_type: "run.started", data: { ...START, metadata } });
  const [run] = bus.runs();
  assert(JSON.stringify(run!.started).length < 5_000);
  assertEquals(run!.started!.data.name, "order");
  assert(Object.isFrozen(run!.started) && Object.isFrozen(run!.started!.data));
  const reader = bus.subscribe("a");
  bus.dropHistory("a");
  assertEquals(bus.runs()[0]!.started, undefined);
  await reader.cancel();
});

const START = {
  name: "order",
  parent_run_id: null,
  parent_span_id: null,
  input_preview: "",
  tags: { customer: "7" },
  metadata: {},
};
const END = { outcome: "ok", error: null, duration_ms: 1 } as const;
