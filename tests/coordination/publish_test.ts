/** What publish() waits for, how many handlers run at a time, and what is refused. */
import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  CoordinationBus,
  type CoordinationErrorContext,
  type CoordinationEvent,
} from "@locus/core/coordination";
import { currentRunId, EventBus, runContext } from "@locus/core";
import { type Gate, gate, reportingBus, settle } from "./_support.ts";

test("publish() resolves when every handler that matches has finished", async () => {
  const bus = new CoordinationBus();
  const gates = [gate(), gate()];
  for (const { opened } of gates) bus.subscribe({ handler: () => opened });
  bus.subscribe({ types: ["stream_started"], handler: () => new Promise(() => {}) });
  let isDone = false;
  const publish = bus.stream("s").publish("custom").then(() => void (isDone = true));
  gates[1]!.open();
  await settle();
  assertEquals(isDone, false);
  gates[0]!.open();
  await publish;
});

test("publish() resolves where nobody listens", async () => {
  const bus = new CoordinationBus();
  assertEquals(await bus.publish({ type: "custom", stream_id: "s" }), undefined);
});

test("Handlers begin in the order of their subscription, after the publisher is done", async () => {
  const bus = new CoordinationBus();
  const seen: string[] = [];
  for (const name of ["a", "b", "c"]) bus.subscribe({ handler: () => void seen.push(name) });
  const publish = bus.stream("s").publish("custom");
  seen.push("publisher");
  await publish;
  assertEquals(seen, ["publisher", "a", "b", "c"]);
});

test("A handler that throws or rejects is reported with its event; nobody else notices", async () => {
  const reports: [string, CoordinationErrorContext][] = [];
  const bus = new CoordinationBus({ onError: ({ message }, at) => reports.push([message, at]) });
  const seen: string[] = [];
  bus.subscribe({
    handler() {
      throw new TypeError("thrown");
    },
  });
  bus.subscribe({ handler: () => Promise.reject(new Error("rejected")) });
  bus.subscribe({ handler: () => Promise.reject("no error at all") });
  bus.subscribe({ handler: () => void seen.push("called") });
  await bus.stream("s").publish("custom");
  await bus.stream("s").publish("custom");
  assertEquals(seen, ["called", "called"]);
  assertEquals(reports.slice(0, 3).map(([message]) => message).toSorted(), [
    'It threw "no error at all"',
    "rejected",
    "thrown",
  ]);
  assertEquals(reports.length, 6);
  const [, { stage, event }] = reports[0]!;
  assertEquals(stage, "handler");
  assertStrictEquals(event, bus.getHistory().at(-1));
});

test("An onError that throws, and an error that throws when looked at, disturb nobody", async () => {
  const bus = new CoordinationBus({
    maxConcurrentHandlers: 1,
    onError() {
      throw new Error("again");
    },
  });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  bus.subscribe({ handler: () => Promise.reject(new Error("once")) });
  bus.subscribe({ handler: () => Promise.reject(proxy) });
  const seen: string[] = [];
  bus.subscribe({ handler: () => void seen.push("called") });
  await bus.stream("s").publish("custom");
  await bus.publish(null as never);
  assertEquals(seen, ["called"]);
});

test("Without onError an error is printed", async () => {
  const printed: unknown[] = [];
  const { error } = console;
  console.error = (text: unknown) => void printed.push(text);
  try {
    await new CoordinationBus().publish({ type: "custom", stream_id: "" });
  } finally {
    console.error = error;
  }
  assertEquals(printed.length, 1);
  assert(String(printed[0]).startsWith('Locus: Cannot publish event: "stream_id" must be'));
});

test("publish() refuses what it cannot accept: reported, in no history, seen by nobody", async () => {
  const { bus, reports } = reportingBus();
  bus.subscribe({ handler: () => assert(false) });
  const waiting = bus.waitFor({ type: "custom", timeoutMs: 50 });
  const drafts: unknown[] = [
    null,
    "custom",
    { type: "agent.think", stream_id: "s" },
    { type: "custom" },
    { type: "custom", stream_id: "a\nb" },
    { type: "custom", stream_id: "s", node_id: "" },
    { type: "custom", stream_id: "s", execution_id: 5 },
    { type: "custom", stream_id: "s", correlation_id: "c".repeat(129) },
    {
      get type() {
        throw new Error("own");
      },
    },
  ];
  for (const draft of drafts) assertEquals(await bus.publish(draft as never), undefined);
  assertEquals(
    reports.map((report) => report.replace(/^publish: |Cannot publish event: /g, "").slice(0, 34)),
    [
      "expected an event, got null",
      'expected an event, got "custom"',
      "an event type must be the name of ",
      '"stream_id" must be 1 to 128 of A-Z',
      '"stream_id" must be 1 to 128 of A-Z',
      '"node_id" must be 1 to 128 of A-Z a',
      '"execution_id" must be 1 to 128 of A-Z',
      '"correlation_id" must be 1 to 128 ',
      "own",
    ].map((text) => text.slice(0, 34)),
  );
  assertEquals(bus.getHistory(), []);
  assertEquals(await waiting, null);
});

/** Handlers that the test lets finish one by one. */
function heldHandlers(
  bus: CoordinationBus,
  count: number,
): { running: () => number; gates: Gate[] } {
  const gates: Gate[] = [];
  let running = 0;
  for (let i = 0; i < count; i++) {
    bus.subscribe({
      handler: async () => {
        running++;
        const held = gate();
        gates.push(held);
        await held.opened;
        running--;
      },
    });
  }
  return { running: () => running, gates };
}

test("At most maxConcurrentHandlers handlers run at a time, over all publishes", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 3 });
  const { running, gates } = heldHandlers(bus, 2);
  const publishes = Promise.all([1, 2, 3, 4].map(() => bus.stream("s").publish("custom")));
  for (let finished = 0; finished < 8; finished++) {
    await settle();
    assertEquals(running(), Math.min(3, 8 - finished));
    gates[finished]!.open();
  }
  await publishes;
  assertEquals(running(), 0);
});

test("Ten handlers run at a time by default", async () => {
  const bus = new CoordinationBus();
  const { running, gates } = heldHandlers(bus, 12);
  const publish = bus.stream("s").publish("custom");
  await settle();
  assertEquals(running(), 10);
  for (const { open } of gates) open();
  await settle();
  assertEquals([running(), gates.length], [2, 12]);
  for (const { open } of gates) open();
  await publish;
});

test("The publish that came first is served first", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const seen: unknown[] = [];
  for (const name of ["a", "b"]) {
    bus.subscribe({
      types: ["custom"],
      handler: async ({ data }) => {
        await settle();
        seen.push([data.n, name]);
      },
    });
  }
  await Promise.all([1, 2].map((n) => bus.stream("s").publish("custom", { n })));
  assertEquals(seen, [[1, "a"], [1, "b"], [2, "a"], [2, "b"]]);
});

test("A handler that throws gives its place back", async () => {
  const { bus, reports } = reportingBus({ maxConcurrentHandlers: 1 });
  bus.subscribe({ handler: () => Promise.reject(new Error("no")) });
  for (let i = 0; i < 5; i++) await bus.stream("s").publish("custom");
  assertEquals(reports.length, 5);
});

test("A handler runs in the async context of the one who subscribed it", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const seen: unknown[] = [];
  const look = async () => {
    seen.push(currentRunId());
    await null;
    seen.push(currentRunId());
  };
  runContext({ runId: "subscriber", bus: runs }, () => bus.subscribe({ handler: look }));
  bus.subscribe({ handler: look });
  await runContext(
    { runId: "publisher", bus: runs },
    () => Promise.all([bus.stream("s").publish("custom"), bus.stream("s").publish("custom")]),
  );
  const both = ["subscriber", "subscriber", undefined, undefined];
  assertEquals(seen, [...both, ...both]);
});

test("Over maxPendingPublishes a publish is refused, until another has finished", async () => {
  const { bus, reports } = reportingBus({ maxPendingPublishes: 2 });
  const { opened, open } = gate();
  const seen: unknown[] = [];
  bus.subscribe({
    types: ["custom"],
    handler: ({ data }) => {
      seen.push(data.n);
      return opened;
    },
  });
  const stream = bus.stream("s");
  const publishes = [1, 2, 3].map((n) => stream.publish("custom", { n }));
  await publishes[2];
  await stream.publish("stream_started", { why: "nobody has to be called for this one" });
  open();
  await Promise.all(publishes);
  await stream.publish("custom", { n: 4 });
  assertEquals(seen, [1, 2, 4]);
  assertEquals(reports, [
    "publish: Cannot publish event: publishes whose handlers have not finished are 2 already " +
    "(maxPendingPublishes)",
  ]);
  assertEquals(bus.getStats().total_events, 4);
});

test("Over maxBytes of unfinished publishes a publish is refused", async () => {
  const { bus, reports } = reportingBus({ maxBytes: 1_000 });
  const { opened, open } = gate();
  bus.subscribe({ handler: () => opened });
  const text = "x".repeat(400);
  const publishes = [1, 2, 3].map(() => bus.stream("s").publish("custom", { text }));
  await publishes[2];
  open();
  await Promise.all(publishes);
  await bus.stream("s").publish("custom", { text });
  assertEquals(reports.length, 1);
  assert(reports[0]!.endsWith("bytes already (maxBytes)"));
});

test("A handler that is slow does not see a later change of the payload", async () => {
  const bus = new CoordinationBus({ maxConcurrentHandlers: 1 });
  const { opened, open } = gate();
  const seen: CoordinationEvent[] = [];
  bus.subscribe({ handler: () => opened });
  bus.subscribe({ handler: (event) => void seen.push(event) });
  const data = { list: [1] };
  const publish = bus.stream("s").publish("custom", data);
  data.list.push(2);
  open();
  await publish;
  assertEquals(seen.map((event): unknown => event.data), [{ list: [1] }]);
});

test("The constructor rejects options that are not valid, and names them", () => {
  const fails = (options: unknown, type: ErrorConstructor, message: string) =>
    assertThrows(() => new CoordinationBus(options as never), type, message);
  fails({ maxhistory: 5 }, TypeError, 'CoordinationBus: unknown option "maxhistory"');
  fails({ maxHistory: 0 }, RangeError, '"maxHistory" must be a whole number of at least 1, got 0');
  fails({ maxConcurrentHandlers: 1.5 }, RangeError, '"maxConcurrentHandlers" must be a whole');
  fails({ maxBytes: "1" }, RangeError, 'got "1"');
  fails({ mirror: "yes" }, TypeError, '"mirror" must be a boolean or a run, got "yes"');
  fails({ mirror: null }, TypeError, '"mirror" must be a boolean or a run, got null');
  fails({ onError: 5 }, TypeError, '"onError" must be a function, got 5');
  fails(5, TypeError, "options must be an object, got 5");
});
