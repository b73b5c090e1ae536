import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { settled } from "../harness/support/runs.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

test("EventBus.on() calls its handler in order, a few at a time, until it is undone", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  const turns: (() => void)[] = [];
  const off = bus.on("test.*", ({ data }) => {
    seen.push(data.n);
    return new Promise<void>((resolve) => turns.push(resolve));
  }, { concurrency: 2 });
  publish(bus, 1, 2, 3);
  await settled();
  assertEquals(seen, [1, 2]);
  turns[0]!();
  await settled();
  assertEquals(seen, [1, 2, 3]);
  off();
  publish(bus, 4);
  await settled();
  assertEquals(seen, [1, 2, 3]);
  assertEquals(bus.stats().global_subscribers, 0);
});

test("EventBus.on() reports what its handler throws, and goes on", async () => {
  const errors: string[] = [];
  const bus = new EventBus({ onError: ({ message }) => errors.push(message) });
  bus.on("test.tick", ({ data }) => {
    if (data.n === 1) throw new Error("thrown");
    return Promise.reject(new Error("rejected"));
  });
  publish(bus, 1, 2);
  await settled();
  assertEquals(errors, ["thrown", "rejected"]);
  bus.closeGlobal();
});

test("EventBus.waitFor() answers with the event, or gives up", async () => {
  const bus = new EventBus();
  const waiting = bus.waitFor({ type: "test.tick", run: "r", data: { n: 2 } });
  publish(bus, 1, 2);
  assertEquals((await waiting).data.n, 2);
  const late = await assertRejects(() => bus.waitFor("test.tick", { timeoutMs: 1 }));
  assertEquals((late as DOMException).name, "TimeoutError");
  const reason = new Error("stop");
  const aborted = await assertRejects(() =>
    bus.waitFor("test.tick", { signal: AbortSignal.abort(reason) })
  );
  assertEquals(aborted, reason);
});

test("EventBus.history() answers newest first, and drained() when all was read", async () => {
  const bus = new EventBus();
  const reader = bus.subscribe("r");
  publish(bus, 1, 2, 3);
  assertEquals(bus.history("test.tick", { limit: 2 }).map(({ data }) => data.n), [3, 2]);
  const drained = bus.drained("r");
  for await (const { event_id, event_type } of reader) {
    if (event_type === "test.tick" as string && event_id.endsWith("-3")) break;
  }
  await drained;
});
