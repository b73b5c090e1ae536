import { test } from "node:test";
import { deepEqual, deepStrictEqual } from "node:assert";
import { assertEquals } from "@std/assert";
import { type Bus, EventBus, getEventBus, runContext, type RunInfo } from "@locus/core";

function filled(): EventBus {
  const bus = new EventBus();
  for (const n of [1, 2]) bus.publish({ run_id: "r1", event_type: "shop.paid", data: { n } });
  return bus;
}

test("EventBus.history() and runs() are arrays at once, and the same when awaited", async () => {
  const bus = filled();
  const events = bus.history("shop.paid");
  assertEquals(events.map(({ data }) => data.n), [2, 1]);
  assertEquals((await events).map(({ data }) => data.n), [2, 1]);
  assertEquals(bus.runs().map(({ run_id }) => run_id), ["r1"]);
  assertEquals((await bus.runs()).map(({ run_id }) => run_id), ["r1"]);
});

test("what EventBus.history() returns is equal to a plain array, and is copied and written like one", async () => {
  const events = filled().history("shop.paid");
  const plain = [...events];
  assertEquals([...events], plain);
  assertEquals(events as unknown[], plain);
  deepEqual(events, plain);
  deepStrictEqual(events, plain);
  assertEquals(JSON.stringify(events), JSON.stringify(plain));
  assertEquals(structuredClone(plain), structuredClone([...await events]));
  assertEquals(Object.keys(events), ["0", "1"]);
  assertEquals("then" in await events, false);
});

test("EventBus.history() can be returned from promises, and inside of a run", async () => {
  const bus = filled();
  assertEquals((await Promise.resolve().then(() => bus.history("shop.paid"))).length, 2);
  assertEquals((await Promise.all([bus.history(), bus.runs()])).map(({ length }) => length), [
    2,
    1,
  ]);
  assertEquals(runContext({ runId: "r1", bus }, () => bus.history("shop.paid")).length, 2);
});

test("Bus.history() has one type for all buses, which has to be awaited", async () => {
  const bus: Bus = filled();
  const events = await bus.history("shop.paid");
  const infos: RunInfo[] = await bus.runs();
  assertEquals([events.length, infos.length], [2, 1]);
  // @ts-expect-error It is a promise, as far as a `Bus` says.
  void bus.history().length;
  // @ts-expect-error The same of the default bus, which may be any.
  void getEventBus().history().length;
  // @ts-expect-error And of its runs.
  void bus.runs().length;
});
