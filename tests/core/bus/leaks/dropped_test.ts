/** Subscriptions that their owners dropped without leaving: they give their places back when they are collected. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type StreamEvent, type Subscription } from "@locus/core";
import { eventStreamResponse } from "@locus/core/sse";
import { sourcesOf } from "../../../../src/core/bus/event_bus.ts";
import { ListenerCount } from "../../properties/listener_count.ts";
import { settle } from "../../properties/settings.ts";
import { collect } from "./collector.ts";
import { watchTimers } from "./timers.ts";

// A collector that looks at the stack for what might be references keeps a few, whatever holds them.
const FEW = "Bun" in globalThis ? 20 : 0;

/** Ways to drop a subscription: what is returned is dropped too. */
const ways: Record<string, (subscription: Subscription<StreamEvent>) => unknown> = {
  "that nobody reads": () => {},
  "in a generator that is never started": (subscription) => generator(subscription),
  "in a generator that is left at an event": async (subscription) => {
    await generator(subscription).next();
  },
  "with an iterator": (subscription) => subscription[Symbol.asyncIterator](),
  "with an iterator that has read": async (subscription) => {
    await subscription[Symbol.asyncIterator]().next();
  },
  "with batches that have read": async (subscription) => {
    await subscription.batches({ maxEvents: 1 }).next();
  },
  "with a locked reader": (subscription) => subscription.getReader(),
  "with a locked reader that has read": async (subscription) => {
    await subscription.getReader().read();
  },
  "behind a transform that nobody reads": (subscription) =>
    subscription.pipeThrough(new TransformStream()),
  "in a response that is never sent": (subscription) => eventStreamResponse(subscription),
};

async function* generator(subscription: Subscription<StreamEvent>): AsyncGenerator<StreamEvent> {
  for await (const event of subscription) yield event;
}

const COUNT = 50;

function publish(bus: EventBus, n = 0): void {
  bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

/** How many readers a bus counts after the dropped ones had their chance to be collected. */
async function readersLeft(bus: EventBus): Promise<number> {
  const left = () => bus.stats().global_subscribers + (bus.stats().queue_depths.r?.length ?? 0);
  for (let i = 0; i < 10 && left() > 0; i++) {
    await collect();
    // What was collected is told in a turn of its own.
    await settle();
  }
  return left();
}

test(`B3: ${COUNT} responses that are never sent, of a bus on which nothing happens, give their places back`, async () => {
  const bus = new EventBus({ onError() {} });
  for (let i = 0; i < COUNT; i++) respond(bus);
  const left = await readersLeft(bus);
  assert(left <= FEW, `${left} of ${COUNT} places are taken`);

  function respond(bus: EventBus): void {
    eventStreamResponse(bus.subscribeGlobal());
  }
});

for (const [how, drop] of Object.entries(ways)) {
  test(`B3: ${COUNT} subscriptions to all runs, dropped ${how}, give their places back`, async () => {
    const bus = new EventBus({ onError() {} });
    for (let i = 0; i < COUNT; i++) await dropOne(() => bus.subscribeGlobal(), drop, bus);
    const left = await readersLeft(bus);
    assert(left <= FEW, `${left} of ${COUNT} places are taken`);
    const next = bus.subscribeGlobal();
    assertEquals(next.ended, null);
    await next.cancel();
  });

  test(`B10: ${COUNT} subscriptions to a run, dropped ${how}, are registered no more`, async () => {
    const bus = new EventBus({ onError() {} });
    const listeners = new ListenerCount();
    // A signal that outlives them must not hold them either.
    const { signal } = listeners.createAbort();
    for (let i = 0; i < COUNT; i++) await dropOne(() => bus.subscribe("r", { signal }), drop, bus);
    const left = await readersLeft(bus);
    assert(left <= FEW, `${left} of ${COUNT} are registered`);
    assertEquals(listeners.total, left);
    assertEquals(bus.stats().active_runs, left > 0 ? 1 : 0);
  });
}

for (const how of ["that nobody reads", "in a generator that is left at an event"]) {
  test(`B10: ${COUNT} subscriptions to several runs, dropped ${how}, are registered no more`, async () => {
    const bus = new EventBus({ onError() {} });
    const listeners = new ListenerCount();
    const { signal } = listeners.createAbort();
    const open = () => bus.subscribe(["r", "s"], { signal });
    for (let i = 0; i < COUNT; i++) await dropOne(open, ways[how]!, bus);
    const left = await readersLeft(bus);
    assert(left <= FEW, `${left} of ${COUNT} are registered`);
    assertEquals(listeners.total, left);
  });
}

/** In a function of its own, so that nothing is left in the frame of the test. */
async function dropOne(
  subscribe: () => Subscription<StreamEvent>,
  drop: (subscription: Subscription<StreamEvent>) => unknown,
  bus: EventBus,
): Promise<void> {
  const subscription = subscribe();
  publish(bus);
  const dropped = drop(subscription);
  if (dropped instanceof Promise) await dropped;
}

test("B10: what waits for an event is not collected, though nobody else holds it", async () => {
  const bus = new EventBus();
  const seen: string[] = [];
  follow(bus.subscribe("r"), "iterator");
  follow(bus.subscribeGlobal(), "all runs");
  void bus.subscribe("r").pipeTo(new WritableStream({ write: () => void seen.push("pipe") }));
  bus.on("test.tick", () => void seen.push("handler"), { run: "r" });
  void bus.waitFor({ type: "test.tick", run: "r" }).then(() => seen.push("wait"));
  for (let i = 0; i < 3; i++) await collect();
  publish(bus, 1);
  await settle();
  await collect();
  publish(bus, 2);
  await settle();
  const names = ["all runs", "handler", "iterator", "pipe"];
  assertEquals(seen.sort(), [...names, ...names, "wait"].sort());
  bus.closeStream("r");
  bus.closeGlobal();

  function follow(subscription: Subscription<StreamEvent>, name: string): void {
    void (async () => {
      for await (const _ of subscription) seen.push(name);
    })();
  }
});

test("B10: a log of all runs that only dropped readers would read is kept for a while, and no longer", async () => {
  const bus = new EventBus({ maxQueueSize: 4 });
  const timers = watchTimers();
  try {
    await dropOne(() => bus.subscribeGlobal(), ways["that nobody reads"]!, bus);
    if (await readersLeft(bus) > 0) return;
    assertEquals(timers.pending, 1, "timers that give the log up");
    bus.closeGlobal();
    assertEquals(timers.pending, 0, "timers that still run");
  } finally {
    timers.stop();
  }
});

/** What a bus has opened for readers, whether they are counted or not. */
function registeredIn(bus: EventBus): unknown {
  const { runs, global } = sourcesOf(bus);
  return { runs: [...runs.values()].length, global };
}

test("B3: a call that throws registers nothing", () => {
  const bus = new EventBus();
  const throws = (call: () => unknown) => {
    try {
      call();
    } catch {
      return;
    }
    assert(false, "it does not throw");
  };
  throws(() => bus.subscribe("r", { select: "a b" }));
  throws(() => bus.subscribe("r", { from: "x" as never }));
  throws(() => bus.subscribe("r", { after: 5 as never }));
  throws(() => bus.subscribe("r", { signal: {} as never }));
  throws(() => bus.subscribeGlobal({ select: "a b" }));
  throws(() => bus.on({ type: "a b", run: "r" }, () => {}));
  throws(() => bus.on({ run: "r" }, () => {}, { concurrency: 0 }));
  throws(() => bus.on("*", () => {}, { from: "history" }));
  throws(() => bus.waitFor({ type: "a b", run: "r" }));
  throws(() => bus.waitFor({ run: "r" }, { timeoutMs: -1 }));
  assertEquals(registeredIn(bus), { runs: 0, global: null });
});
