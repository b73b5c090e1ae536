import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CoordinationBus } from "@locus/core/coordination";
import { gate, settle } from "./_support.ts";

test("waitFor() resolves with the first event that matches from now on, and leaves nothing", async () => {
  const bus = new CoordinationBus();
  const stream = bus.stream("s");
  await stream.publish("custom", { n: 1 });
  const waiting = bus.waitFor({ type: "custom" });
  stream.publish("goal_achieved");
  stream.publish("custom", { n: 2 });
  stream.publish("custom", { n: 3 });
  const event = await waiting;
  assertEquals<unknown>(event?.data, { n: 2 });
  assertStrictEquals(event, bus.getHistory().at(-3) ?? null);
  assertEquals(bus.getStats().subscriptions, 0);
});

test("waitFor() waits for the right stream, node and execution", async () => {
  const bus = new CoordinationBus();
  const wanted = { type: "custom", stream: "s", node: "n", execution: "e" } as const;
  const waiting = bus.waitFor(wanted);
  await bus.stream("s").publish("custom", { n: 1 });
  await bus.stream("s").node("wrong").execution("e").publish("custom", { n: 2 });
  await bus.stream("s").node("n").execution("wrong").publish("custom", { n: 3 });
  await bus.stream("wrong").node("n").execution("e").publish("custom", { n: 4 });
  await bus.stream("s").node("n").execution("e").publish("custom", { n: 5 });
  assertEquals((await waiting)?.data.n, 5);
});

test("waitFor({ timeoutMs }) answers with null, and leaves nothing", async () => {
  const bus = new CoordinationBus();
  assertEquals(await bus.waitFor({ type: "custom", timeoutMs: 1 }), null);
  assertEquals(bus.getStats().subscriptions, 0);
});

test("waitFor({ timeoutMs }) answers with the event that comes in time", async () => {
  const bus = new CoordinationBus();
  const waiting = bus.waitFor({ type: "custom", timeoutMs: 60_000 });
  await bus.stream("s").publish("custom");
  assertEquals((await waiting)?.type, "custom");
});

test("waitFor({ timeoutMs: 0 }) answers with null at once", async () => {
  const bus = new CoordinationBus();
  const waiting = bus.waitFor({ type: "custom", timeoutMs: 0 });
  assertEquals(bus.getStats().subscriptions, 0);
  bus.stream("s").publish("custom");
  assertEquals(await waiting, null);
});

test("waitFor({ signal }) rejects with the signal's reason, and leaves nothing", async () => {
  const bus = new CoordinationBus();
  const abort = new AbortController();
  const reason = new Error("enough");
  const waiting = bus.waitFor({ type: "custom", signal: abort.signal, timeoutMs: 60_000 });
  abort.abort(reason);
  assertStrictEquals(await waiting.catch((error) => error), reason);
  const late = bus.waitFor({ type: "custom", signal: abort.signal, timeoutMs: 0 });
  assertStrictEquals(await late.catch((error) => error), reason);
  assertEquals(bus.getStats().subscriptions, 0);
});

test("Several waits get the same event", async () => {
  const bus = new CoordinationBus();
  const waits = [1, 2, 3].map(() => bus.waitFor({ type: "custom" }));
  await bus.stream("s").publish("custom");
  for (const event of await Promise.all(waits)) assertStrictEquals(event, bus.getHistory()[0]);
});

test("A wait takes no place: it is answered while every handler is busy", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const { opened, open } = gate();
  bus.subscribe({ types: ["stream_started"], handler: () => opened });
  bus.subscribe({ types: ["custom"], handler: () => {} });
  const busy = bus.stream("s").publish("stream_started");
  const waiting = bus.waitFor({ type: "custom" });
  const publish = bus.stream("s").publish("custom");
  assertEquals((await waiting)?.type, "custom");
  open();
  await Promise.all([busy, publish]);
});

test("A handler may wait for what comes later", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const seen: unknown[] = [];
  bus.subscribe({
    types: ["stream_started"],
    handler: async () => void seen.push((await bus.waitFor({ type: "custom" }))?.data.n),
  });
  const publish = bus.stream("s").publish("stream_started");
  await settle();
  await bus.stream("s").publish("custom", { n: 1 });
  await publish;
  assertEquals(seen, [1]);
});

test("waitFor() rejects what is not valid, and names it", () => {
  const bus = new CoordinationBus();
  const fails = (wait: unknown, type: ErrorConstructor, message: string) =>
    assertThrows(() => bus.waitFor(wait as never), type, message);
  fails({}, TypeError, "CoordinationBus.waitFor(): an event type must be");
  fails({ types: ["custom"] }, TypeError, 'unknown option "types"');
  fails({ type: "custom", timeoutMs: -1 }, RangeError, '"timeoutMs" must be a number from 0 to');
  fails({ type: "custom", timeoutMs: Infinity }, RangeError, "got Infinity");
  fails({ type: "custom", timeoutMs: NaN }, RangeError, "got NaN");
  fails({ type: "custom", signal: {} }, TypeError, '"signal" must be an AbortSignal');
  fails({ type: "custom", node: 5 }, TypeError, '"node" must be');
  assertEquals(bus.getStats().subscriptions, 0);
});
