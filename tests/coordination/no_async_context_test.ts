/** The bus in a browser: nothing carries context, so nobody can tell who publishes. */
import { test } from "node:test";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { CoordinationBus } from "@locus/core/coordination";
import { hasAsyncContext } from "../../src/runtime/async_context.ts";
import { gate, reportingBus, settle } from "./_support.ts";

// The engine is chosen when it is first asked for: here, without what it would find.
const { getBuiltinModule } = process;
Object.defineProperty(process, "getBuiltinModule", { value: undefined, configurable: true });
const found = hasAsyncContext();
Object.defineProperty(process, "getBuiltinModule", { value: getBuiltinModule, configurable: true });

test("Nothing carries context in this file", () => {
  assertEquals(found, false);
});

test("Without async context handlers may nest deeper than the limit", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 2 });
  let calls = 0;
  for (let i = 0; i < 2; i++) {
    bus.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        calls++;
        await settle();
        const depth = data.depth as number;
        if (depth < 6) await bus.stream("s").publish("custom", { depth: depth + 1 });
      },
    });
  }
  await Promise.all([1, 2, 3].map(() => bus.stream("s").publish("custom", { depth: 1 })));
  assertEquals(calls, 3 * (2 + 4 + 8 + 16 + 32 + 64));
});

test("Without async context two buses that publish on each other do not block", async () => {
  const [a, b] = [1, 2].map(() => new CoordinationBus({ maxConcurrentHandlers: 1 })) as [
    CoordinationBus,
    CoordinationBus,
  ];
  let calls = 0;
  a.subscribe({ types: ["custom"], handler: () => b.stream("s").publish("custom") });
  b.subscribe({ types: ["custom"], handler: () => a.stream("s").publish("goal_achieved") });
  a.subscribe({ types: ["goal_achieved"], handler: () => void calls++ });
  await a.stream("s").publish("custom");
  assertEquals(calls, 1);
});

test("Without async context one publish keeps to the limit", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 2 });
  const { opened, open } = gate();
  let running = 0;
  for (let i = 0; i < 5; i++) {
    bus.subscribe({
      handler: async () => {
        running++;
        await opened;
      },
    });
  }
  const publish = bus.stream("s").publish("custom");
  await settle();
  assertEquals(running, 2);
  open();
  await publish;
});

test("Without async context a publish while a handler runs has a place of its own", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const { opened, open } = gate();
  const running: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    bus.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        running.push(data.n);
        await opened;
      },
    });
  }
  const publishes = Promise.all([1, 2].map((n) => bus.stream("s").publish("custom", { n })));
  await settle();
  assertEquals(running, [1, 2], "the limit is looser by one for each, and not by two");
  open();
  await publishes;
});

test("Without async context handlers, waits and the history are as everywhere", async () => {
  const bus = new CoordinationBus();
  const seen: unknown[] = [];
  bus.subscribe({ types: ["custom"], node: "n", handler: ({ data }) => void seen.push(data.n) });
  const waiting = bus.waitFor({ type: "custom", node: "n" });
  await bus.stream("s").publish("custom", { n: 1 });
  await bus.stream("s").node("n").publish("custom", { n: 2 });
  assertEquals(seen, [2]);
  assertEquals((await waiting)?.data.n, 2);
  assertEquals(bus.getStats().total_events, 2);
});

test("Without async context mirror: true reports that it cannot know the run", async () => {
  const runs = new EventBus();
  const { bus, reports } = reportingBus({ mirror: true });
  await bus.stream("s").publish("custom");
  assertEquals(reports, []);
  await runContext({ runId: "r", bus: runs }, () => bus.stream("s").publish("custom"));
  assertEquals(reports.length, 1);
  assert(reports[0]!.startsWith("mirror: This runtime has no async context"));
  assertEquals(bus.getStats().total_events, 2, "it is published all the same");
  assertEquals([...runs.history({ run: "r" })], []);
});

test("Without async context mirror: run shows everything in that run", async () => {
  const runs = new EventBus();
  await runContext({ runId: "r", bus: runs }, async (run) => {
    const bus = new CoordinationBus({ mirror: run });
    bus.subscribe({
      types: ["stream_started"],
      handler: () => bus.stream("s").publish("goal_achieved"),
    });
    await bus.stream("s").publish("stream_started");
  });
  const types = runs.history({ run: "r" }).map((event) => event.event_type);
  assertEquals(types, ["goal_achieved", "stream_started"]);
});
