/** Who gets which event. */
import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { CoordinationBus, type CoordinationSubscription } from "@locus/core/coordination";
import { gate, settle } from "./_support.ts";

/** Which of ten events, from two streams, nodes and executions and from none, a filter lets through. */
async function received(filter: Omit<CoordinationSubscription, "handler">): Promise<string[]> {
  const bus = new CoordinationBus();
  const seen: string[] = [];
  bus.subscribe({
    ...filter,
    handler: ({ type, stream_id, node_id, execution_id }) =>
      void seen.push([type[0], stream_id, node_id, execution_id].join(" ").trim()),
  });
  for (const type of ["custom", "stream_started"] as const) {
    for (const stream of ["s1", "s2"]) {
      await bus.stream(stream).publish(type);
      await bus.stream(stream).node("n1").execution("e1").publish(type);
    }
    await bus.stream("s1").node("n2").execution("e2").publish(type);
  }
  return seen;
}

test("subscribe() takes the types that are listed", async () => {
  const ofCustom = ["c s1", "c s1 n1 e1", "c s2", "c s2 n1 e1", "c s1 n2 e2"];
  const ofStarted = ofCustom.map((event) => event.replace("c", "s"));
  assertEquals(await received({ types: ["custom"] }), ofCustom);
  assertEquals(await received({ types: ["stream_started"] }), ofStarted);
  assertEquals(await received({ types: ["custom", "stream_started"] }), [
    ...ofCustom,
    ...ofStarted,
  ]);
});

test("subscribe() without types takes all of them; an empty list takes none", async () => {
  assertEquals((await received({})).length, 10);
  assertEquals((await received({ types: [] })).length, 0);
});

test("subscribe() filters by stream", async () => {
  assertEquals(await received({ types: ["custom"], stream: "s2" }), ["c s2", "c s2 n1 e1"]);
});

test("subscribe() filters by node, and an event without a node is of none", async () => {
  assertEquals(await received({ types: ["custom"], node: "n1" }), ["c s1 n1 e1", "c s2 n1 e1"]);
  assertEquals(await received({ types: ["custom"], node: "n3" }), []);
});

test("subscribe() filters by execution", async () => {
  assertEquals(await received({ types: ["custom"], execution: "e2" }), ["c s1 n2 e2"]);
});

test("subscribe() wants every filter to hold", async () => {
  assertEquals(await received({ types: ["custom"], stream: "s2", node: "n1" }), ["c s2 n1 e1"]);
  assertEquals(await received({ types: ["custom"], stream: "s2", node: "n2" }), []);
  assertEquals(await received({ node: "n1", execution: "e2" }), []);
});

test("An empty filter filters nothing", async () => {
  assertEquals((await received({ stream: "", node: "", execution: "" })).length, 10);
});

test("Two nodes that take turns stay apart, and in order", async () => {
  const bus = new CoordinationBus();
  const seen: Record<string, unknown[]> = { a: [], b: [] };
  for (const node of ["a", "b"]) {
    bus.subscribe({
      types: ["node_loop_iteration"],
      node,
      handler: ({ data }) => void seen[node]!.push(data.iteration),
    });
  }
  for (let iteration = 1; iteration <= 3; iteration++) {
    for (const node of ["a", "b"]) {
      await bus.stream("s").node(node).publish("node_loop_iteration", { iteration });
    }
  }
  assertEquals(seen, { a: [1, 2, 3], b: [1, 2, 3] });
});

test("Every handler gets the same event", async () => {
  const bus = new CoordinationBus();
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) bus.subscribe({ handler: (event) => void seen.push(event) });
  await bus.stream("s").publish("custom");
  assertEquals(seen.length, 3);
  for (const event of seen) assertStrictEquals<unknown>(event, bus.getHistory()[0]);
});

test("The undo takes the handler away, also by disposal, and twice does nothing", async () => {
  const bus = new CoordinationBus();
  const seen: string[] = [];
  const off = bus.subscribe({ handler: () => void seen.push("a") });
  bus.subscribe({ handler: () => void seen.push("b") });
  {
    using _off = bus.subscribe({ handler: () => void seen.push("c") });
    await bus.stream("s").publish("custom");
  }
  assertEquals(bus.getStats().subscriptions, 2);
  off();
  off();
  assertEquals(bus.getStats().subscriptions, 1);
  await bus.stream("s").publish("custom");
  assertEquals(seen, ["a", "b", "c", "b"]);
});

test("One handler that is subscribed twice is called twice, and taken away once by each undo", async () => {
  const bus = new CoordinationBus();
  let calls = 0;
  const handler = () => void calls++;
  const off = bus.subscribe({ handler });
  bus.subscribe({ handler });
  await bus.stream("s").publish("custom");
  assertEquals(calls, 2);
  off();
  await bus.stream("s").publish("custom");
  assertEquals(calls, 3);
});

test("A handler that is subscribed during a publish does not get that event", async () => {
  const bus = new CoordinationBus();
  const seen: string[] = [];
  bus.subscribe({
    handler: () => {
      seen.push("first");
      bus.subscribe({ handler: () => void seen.push("late") });
    },
  });
  await bus.stream("s").publish("custom");
  assertEquals(seen, ["first"]);
  await bus.stream("s").publish("custom");
  assertEquals(seen.toSorted(), ["first", "first", "late"]);
});

test("A handler that is taken away before its call began is not called", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const { opened, open } = gate();
  const seen: string[] = [];
  bus.subscribe({ handler: () => opened });
  const off = bus.subscribe({ handler: () => void seen.push("second") });
  const publish = bus.stream("s").publish("custom");
  await settle();
  off();
  open();
  await publish;
  assertEquals(seen, []);
});

test("subscribe() rejects what is not valid, and names it", () => {
  const bus = new CoordinationBus();
  const handler = () => {};
  const fails = (subscription: unknown, message: string) =>
    assertThrows(() => bus.subscribe(subscription as never), TypeError, message);
  fails(undefined, "CoordinationBus.subscribe(): options must be an object, got undefined");
  fails({ type: "custom", handler }, 'unknown option "type"; did you mean "types"?');
  fails({ types: "custom", handler }, '"types" must be a list of event types, got "custom"');
  fails({ types: ["agent.think"], handler }, 'such as "execution_started", got "agent.think"');
  fails({ types: ["toString"], handler }, 'got "toString"');
  fails({ node: "a b", handler }, '"node" must be 1 to 128 of A-Z');
  fails({ stream: null, handler }, '"stream" must be 1 to 128 of A-Z');
  fails({ types: ["custom"] }, '"handler" must be a function, got undefined');
  assertEquals(bus.getStats().subscriptions, 0);
});

test("Over maxSubscriptions, subscribe() and waitFor() throw", async () => {
  const bus = new CoordinationBus({ maxSubscriptions: 2 });
  const off = bus.subscribe({ handler() {} });
  const waiting = bus.waitFor({ type: "custom" });
  const message = "there are 2 subscriptions and waits already (maxSubscriptions)";
  assertThrows(() => bus.subscribe({ handler() {} }), RangeError, message);
  assertThrows(() => bus.waitFor({ type: "custom" }), RangeError, message);
  off();
  bus.subscribe({ handler() {} });
  await bus.stream("s").publish("custom");
  await waiting;
  assertEquals(bus.getStats().subscriptions, 1);
});
