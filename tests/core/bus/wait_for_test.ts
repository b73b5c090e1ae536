import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { sourcesOf } from "../../../src/core/bus/event_bus.ts";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

test("EventBus.waitFor() resolves with the first event that matches from now on", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1);
  const waiting = bus.waitFor({ type: "test.tick", run: "r" });
  publish(bus, "r", 2, 3);
  assertEquals((await waiting).data, { n: 2 });
  assertEquals(bus.stats().active_runs, 0);
});

test("EventBus.waitFor() without a run waits for any", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor("test.*");
  publish(bus, "b", 1);
  assertEquals((await waiting).run_id, "b");
});

test("EventBus.waitFor() ignores what does not match", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor({ type: "test.tick", data: { n: 3 } });
  publish(bus, "r", 1, 2, 3);
  assertEquals((await waiting).data, { n: 3 });
});

test("EventBus.waitFor({ timeoutMs }) rejects with a TimeoutError and leaves nothing", async () => {
  const bus = new EventBus();
  const error = await assertRejects(
    () => bus.waitFor({ type: "test.tick", run: "r" }, { timeoutMs: 1 }),
    DOMException,
    "No such event within 1 ms",
  );
  assertEquals(error.name, "TimeoutError");
  assertEquals(bus.stats().active_runs, 0);
});

test("EventBus.waitFor({ signal }) rejects with the signal's reason", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const waiting = bus.waitFor({ type: "test.tick", run: "r" }, { signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  assertStrictEquals(await waiting.catch((error) => error), reason);
  assertStrictEquals(
    await bus.waitFor("test.tick", { signal: abort.signal }).catch((error) => error),
    reason,
  );
  assertEquals(bus.stats().active_runs, 0);
});

test("EventBus.waitFor() rejects when its run is closed first", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor({ type: "test.tick", run: "r" });
  bus.closeStream("r");
  await assertRejects(() => waiting, Error, "came to its end");
});

test("EventBus.waitFor() rejects bad options, and names them", () => {
  const bus = new EventBus();
  assertThrows(() => bus.waitFor("a.b", { timeoutMs: -1 }), RangeError, '"timeoutMs" must be');
  assertThrows(
    () => bus.waitFor("a.b", { timeout: 1 } as never),
    TypeError,
    'unknown option "timeout"',
  );
});

for (const run of ["r", undefined]) {
  const where = run === undefined ? "of all runs" : "of a run";
  const bounds = { maxQueueSize: 2, historyPerRun: 2 };

  test(`B10: a wait for an event ${where} does not miss it in a burst that is larger than the queue`, async () => {
    const bus = new EventBus(bounds);
    const waiting = bus.waitFor({ type: "test.tick", data: { n: 3 }, run });
    publish(bus, "r", ...Array.from({ length: 1_000 }, (_, n) => n));
    assertEquals((await waiting).data, { n: 3 });
    assertEquals([bus.stats().active_runs, bus.stats().global_subscribers], [0, 0]);
  });

  test(`B10: a wait for an event ${where} that ends in the same burst is given it`, async () => {
    const bus = new EventBus(bounds);
    const waiting = bus.waitFor({ type: "test.tick", data: { n: 3 }, run });
    publish(bus, "r", 1, 2, 3, 4, 5, 6);
    bus.closeStream("r");
    bus.dropHistory("r");
    bus.closeGlobal();
    assertEquals((await waiting).data, { n: 3 });
  });

  test(`B10: a wait for an event ${where} is given it though memory is short`, async () => {
    const bus = new EventBus({ maxBytes: 200 });
    const waiting = bus.waitFor({ type: "test.tick", data: { n: 3 }, run });
    for (let n = 0; n < 20; n++) {
      publish(bus, "r", n);
      publish(bus, "other", n + 100);
    }
    assertEquals((await waiting).data, { n: 3 });
  });

  test(`B10: a wait for an event ${where} that is over is offered nothing more`, async () => {
    const bus = new EventBus();
    const waits = [
      bus.waitFor({ type: "test.tick", run }),
      bus.waitFor({ type: "test.tick", run }, { timeoutMs: 0 }).catch(() => null),
      bus.waitFor({ type: "test.other", run }, { signal: AbortSignal.abort() }).catch(() => null),
    ];
    const readers = [bus.subscribe("r"), bus.subscribeGlobal()];
    publish(bus, "r", 1);
    await Promise.all(waits);
    const { runs, global } = sourcesOf(bus);
    assertEquals([runs.get("r")!.waiters, global!.waiters], [null, null]);
    for (const reader of readers) await reader.cancel();
  });
}

test("B10: a thousand waits for the same event are all given it, and none is left", async () => {
  const bus = new EventBus({ maxQueueSize: 1, historyPerRun: 1 });
  const waits = Array.from({ length: 1_000 }, () => bus.waitFor({ type: "test.tick", run: "r" }));
  publish(bus, "r", 1, 2, 3);
  const events = await Promise.all(waits);
  for (const event of events) assertStrictEquals(event, events[0]);
  assertEquals(bus.stats().active_runs, 0);
});

test("B10: a wait keeps its run from being forgotten while another can go", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "r", 1);
  const waiting = bus.waitFor({ type: "test.tick", run: "r" });
  for (const run of ["a", "b", "c"]) publish(bus, run, 1);
  publish(bus, "r", 2);
  assertEquals((await waiting).data, { n: 2 });
});

test("B10: a first event that a wait takes stays in its run's history", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor({ type: "test.tick", run: "r" });
  publish(bus, "r", 1, 2);
  await waiting;
  const held = bus.history({ run: "r", type: "test.tick" });
  assertEquals(held.map(({ data }) => data.n), [2, 1]);
  assertEquals(bus.runs().map(({ run_id }) => run_id), ["r"]);
});

test("B10: nobody waits for readers on account of a wait", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor({ type: "test.other", run: "r" });
  publish(bus, "r", 1, 2);
  await bus.drained("r", { timeoutMs: 1_000 });
  assertEquals(bus.stats().queue_depths.r, [0]);
  bus.closeStream("r");
  await assertRejects(() => waiting);
});
