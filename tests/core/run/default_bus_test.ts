import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  emit,
  EventBus,
  getEventBus,
  hasEventBus,
  resetEventBus,
  runContext,
  setEventBus,
} from "@locus/core";
import { readAll, summarize } from "../../harness/support/read.ts";

test("emit() outside of a run creates no bus", () => {
  resetEventBus();
  emit("test.tick", { n: 1 });
  assertEquals(hasEventBus(), false);
});

test("runContext() creates no bus until something is emitted", () => {
  resetEventBus();
  runContext(() => {});
  assertEquals(hasEventBus(), false);
  runContext(() => emit("test.tick", { n: 1 }));
  assertEquals(hasEventBus(), true);
  resetEventBus();
});

test("getEventBus() makes one bus and keeps it", () => {
  resetEventBus();
  assertStrictEquals(getEventBus(), getEventBus());
  resetEventBus();
});

test("setEventBus() replaces the bus that runs publish to", async () => {
  const bus = new EventBus();
  setEventBus(bus);
  assertStrictEquals(getEventBus(), bus);
  runContext({ runId: "r" }, () => emit("test.tick", { n: 1 }));
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
  resetEventBus();
});

test("resetEventBus() forgets the bus and ends its global readers", async () => {
  const before = getEventBus();
  const reading = readAll(before.subscribeGlobal());
  resetEventBus();
  assertEquals(await reading, []);
  assert(getEventBus() !== before);
  resetEventBus();
});

test("setEventBus() rejects what is no bus", () => {
  for (const value of [null, undefined, {}, { publish() {} }]) {
    assertThrows(
      () => setEventBus(value as never),
      TypeError,
      "setEventBus(): expected an event bus",
    );
  }
});
