/**
 * Handlers that publish. A test whose publishes block does not end: its runtime says so, or its limit of
 * time does.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { CoordinationBus } from "@locus/core/coordination";
import { type Gate, gate, reportingBus, settle } from "./_support.ts";

for (const maxConcurrentHandlers of [1, 2, 10]) {
  test(`Handlers may nest deeper than a limit of ${maxConcurrentHandlers}`, async () => {
    const bus = new CoordinationBus({ maxConcurrentHandlers });
    const finished: unknown[] = [];
    bus.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        const depth = data.depth as number;
        if (depth < 50) await bus.stream("s").publish("custom", { depth: depth + 1 });
        finished.push(depth);
      },
    });
    await bus.stream("s").publish("custom", { depth: 1 });
    assertEquals(finished, Array.from({ length: 50 }, (_, i) => 50 - i));
  });
}

test("Handlers may nest where many publishes take turns", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 2 });
  let calls = 0;
  for (let i = 0; i < 3; i++) {
    bus.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        calls++;
        await settle();
        const depth = data.depth as number;
        if (depth < 3) await bus.stream("s").publish("custom", { depth: depth + 1 });
      },
    });
  }
  await Promise.all(
    Array.from({ length: 10 }, () => bus.stream("s").publish("custom", { depth: 1 })),
  );
  assertEquals(calls, 10 * (3 + 9 + 27));
});

test("A handler may publish several events at once", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const seen: unknown[] = [];
  const stream = bus.stream("s");
  bus.subscribe({
    types: ["stream_started"],
    handler: () => Promise.all([1, 2, 3].map((n) => stream.publish("custom", { n }))),
  });
  bus.subscribe({ types: ["custom"], handler: ({ data }) => void seen.push(data.n) });
  await stream.publish("stream_started");
  assertEquals(seen, [1, 2, 3]);
});

test("A handler may publish, not wait, and publish again while that goes on", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const stream = bus.stream("s");
  const seen: string[] = [];
  bus.subscribe({
    types: ["execution_started"],
    handler: async () => {
      await bus.waitFor({ type: "goal_achieved" });
      seen.push("the long one has what it waited for");
    },
  });
  bus.subscribe({ types: ["custom"], handler: () => void seen.push("the short one") });
  let long = Promise.resolve();
  bus.subscribe({
    types: ["stream_started"],
    handler: async () => {
      long = stream.publish("execution_started");
      await settle();
      await stream.publish("custom");
      await stream.publish("goal_achieved");
    },
  });
  await stream.publish("stream_started");
  await long;
  assertEquals(seen, ["the short one", "the long one has what it waited for"]);
});

/** How many of five nested handlers run at a time, under a limit. */
async function nestedAtOnce(maxConcurrentHandlers: number): Promise<number[]> {
  const bus = new CoordinationBus({ maxConcurrentHandlers });
  const gates: Gate[] = [];
  let running = 0;
  const counts: number[] = [];
  for (let i = 0; i < 5; i++) {
    bus.subscribe({
      types: ["custom"],
      handler: async () => {
        running++;
        const held = gate();
        gates.push(held);
        await held.opened;
        running--;
      },
    });
  }
  bus.subscribe({ types: ["stream_started"], handler: () => bus.stream("s").publish("custom") });
  const publish = bus.stream("s").publish("stream_started");
  for (let finished = 0; finished < 5; finished++) {
    await settle();
    counts.push(running);
    gates[finished]!.open();
  }
  await publish;
  return counts;
}

test("A nested publish has one place of its own, and the free ones", async () => {
  assertEquals(await nestedAtOnce(1), [1, 1, 1, 1, 1]);
  assertEquals(await nestedAtOnce(3), [3, 3, 3, 2, 1]);
  assertEquals(await nestedAtOnce(10), [5, 4, 3, 2, 1]);
});

test("Two buses whose handlers publish on each other do not block", async () => {
  const [a, b] = [1, 2].map(() => new CoordinationBus({ maxConcurrentHandlers: 1 })) as [
    CoordinationBus,
    CoordinationBus,
  ];
  let deepest = 0;
  for (const [here, there] of [[a, b], [b, a]] as const) {
    here.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        const depth = data.depth as number;
        deepest = Math.max(deepest, depth);
        if (depth < 9) await there.stream("s").publish("custom", { depth: depth + 1 });
      },
    });
  }
  await a.stream("s").publish("custom", { depth: 1 });
  assertEquals(deepest, 9);
});

test("What a handler left behind publishes as anybody: within the limit", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const stream = bus.stream("s");
  const start = gate();
  let publishedLater = Promise.resolve();
  bus.subscribe({
    types: ["stream_started"],
    handler: () => {
      // Nobody waits for this: it goes on when the handler has finished.
      publishedLater = start.opened.then(() => stream.publish("custom"));
    },
  });
  await stream.publish("stream_started");
  const holds = gate();
  const seen: string[] = [];
  bus.subscribe({ types: ["goal_achieved"], handler: () => holds.opened });
  bus.subscribe({ types: ["custom"], handler: () => void seen.push("called") });
  const holding = stream.publish("goal_achieved");
  await settle();
  start.open();
  await settle();
  assertEquals(seen, [], "the only place is taken");
  holds.open();
  await Promise.all([holding, publishedLater]);
  assertEquals(seen, ["called"]);
});

test("A handler that publishes to itself for ever is stopped at maxPendingPublishes", async () => {
  const { bus, reports } = reportingBus({ maxConcurrentHandlers: 1, maxPendingPublishes: 100 });
  let calls = 0;
  bus.subscribe({
    handler: () => {
      calls++;
      return bus.stream("s").publish("custom");
    },
  });
  await bus.stream("s").publish("custom");
  assertEquals(calls, 100);
  assertEquals(reports.length, 1);
  await bus.stream("s").publish("custom");
  assertEquals(calls, 200, "nothing of it is left");
});

test("Ten thousand handlers nest without exhausting the stack", async () => {
  const { bus, reports } = reportingBus({ maxConcurrentHandlers: 1 });
  let calls = 0;
  bus.subscribe({
    handler: () => {
      if (++calls < 10_000) return bus.stream("s").publish("custom");
    },
  });
  await bus.stream("s").publish("custom");
  assertEquals([calls, reports], [10_000, []]);
});

test("A handler that publishes without waiting for ever holds nothing back", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 2, maxPendingPublishes: 10 });
  const last = gate();
  let calls = 0;
  bus.subscribe({
    types: ["custom"],
    handler: () => {
      if (++calls < 1_000) bus.stream("s").publish("custom");
      else last.open();
    },
  });
  await bus.stream("s").publish("custom");
  assert(calls < 10, "the publisher waited only for its own handler");
  await last.opened;
  assertEquals(calls, 1_000);
});
