import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";

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
