/** What readers, handlers and waits leave behind when they have gone: nothing. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { eventStreamResponse } from "@locus/core/sse";
import { ListenerCount } from "../../properties/listener_count.ts";
import { bytesLeftBy, countKept } from "./collector.ts";
import { watchTimers } from "./timers.ts";

// Bytes. The least that can leak is an entry of a list with the object that it holds: two hundred and more.
const NOTHING = 48;

function busWithRun(): EventBus {
  const bus = new EventBus({ onError() {} });
  bus.publish({ run_id: "r", event_type: "test.tick", data: { n: 1 } });
  return bus;
}

/** The ways to come and go. */
const ways: Record<string, (bus: EventBus, signal: AbortSignal, i: number) => unknown> = {
  "readers that break": async (bus, signal) => {
    for await (const _ of bus.subscribe("r", { signal })) break;
  },
  "readers that throw": async (bus, signal) => {
    try {
      for await (const _ of bus.subscribe("r", { signal })) throw new Error("enough");
    } catch { /* as expected */ }
  },
  "readers that are aborted while they wait": async (bus) => {
    const abort = new AbortController();
    const { signal } = abort;
    const reading = bus.subscribe("r", { from: "live", signal })[Symbol.asyncIterator]().next();
    abort.abort();
    await reading;
  },
  "readers that cancel": (bus, signal) => bus.subscribe("r", { signal }).cancel(),
  "readers that leave while they wait": async (bus, signal) => {
    const iterator = bus.subscribe("r", { from: "live", signal })[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    await waiting;
  },
  "readers of batches that leave": async (bus, signal) => {
    const batches = bus.subscribe("r", { signal }).batches();
    await batches.next();
    await batches.return?.();
  },
  "readers of the stream that cancel while they wait": async (bus, signal) => {
    const reader = bus.subscribe("r", { from: "live", signal }).getReader();
    const reading = reader.read();
    await reader.cancel();
    await reading;
  },
  "readers of several runs that leave while they wait": async (bus, signal, i) => {
    const runs = ["r", `never-${i}`];
    const events = bus.subscribe(runs, { from: "live", signal })[Symbol.asyncIterator]();
    const waiting = events.next();
    await events.return?.();
    await waiting;
  },
  "readers of several runs that cancel": (bus, signal) =>
    bus.subscribe(["r", "s"], { signal }).cancel(),
  "readers that wait until they have caught up": async (bus, signal) => {
    const subscription = bus.subscribe("r", { signal });
    const { caughtUp } = subscription;
    await subscription.cancel();
    await caughtUp;
  },
  "readers of all runs that cancel": (bus, signal) => bus.subscribeGlobal({ signal }).cancel(),
  "readers of all runs that are turned away": (bus, signal) => {
    const few = fullBus(bus);
    assertEquals(few.subscribeGlobal({ signal }).ended, "rejected");
  },
  "readers of runs that never come": (bus, signal, i) =>
    bus.subscribe(`never-${i}`, { signal }).cancel(),
  "readers of runs that are closed": async (bus, signal, i) => {
    const run_id = `closed-${i}`;
    bus.publish({ run_id, event_type: "test.tick", data: {} });
    bus.closeStream(run_id);
    for await (const _ of bus.subscribe(run_id, { signal })) { /* to the end */ }
    bus.dropHistory(run_id);
  },
  "clients that disconnect": async (bus, signal) => {
    const response = eventStreamResponse(bus.subscribe("r", { signal }), { signal });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
  },
  "handlers of a run": async (bus, signal) => {
    const off = bus.on("test.*", () => {}, { run: "r", signal });
    await null;
    off();
  },
  "handlers of all runs": async (bus, signal) => {
    using _off = bus.on("test.*", () => {}, { signal });
    await null;
  },
  "handlers that are aborted": async (bus) => {
    const abort = new AbortController();
    bus.on("test.*", () => {}, { run: "r", signal: abort.signal });
    await null;
    abort.abort();
  },
  "waits that are over": async (bus, signal, i) => {
    const waiting = bus.waitFor({ type: "test.*", run: "w" }, { timeoutMs: 60_000, signal });
    bus.publish({ run_id: "w", event_type: "test.tick", data: { n: i } });
    await waiting;
  },
  "waits that are aborted": async (bus) => {
    const abort = new AbortController();
    const options = { timeoutMs: 60_000, signal: abort.signal };
    const waits = [bus.waitFor("other.*", options), bus.drained("r", options)];
    abort.abort();
    await Promise.allSettled(waits);
  },
  "events that are refused, each of a run of its own": (bus, _, i) => {
    bus.publish({ run_id: `refused-${i}`, event_type: "no type", data: {} });
    bus.writer(`refused-${i}`).write("no type", {});
  },
};

const fullBuses = new WeakMap<EventBus, { full: EventBus; reader: unknown }>();

/** A bus on which one reads all runs, as many as may. */
function fullBus(bus: EventBus): EventBus {
  let known = fullBuses.get(bus);
  if (known === undefined) {
    const full = new EventBus({ maxGlobalSubscribers: 1, onError() {} });
    // The reader is held: one that was dropped would give its place back.
    known = { full, reader: full.subscribeGlobal() };
    fullBuses.set(bus, known);
  }
  return known.full;
}

for (const [name, comeAndGo] of Object.entries(ways)) {
  test(`I8 freed: ten thousand ${name} leave no bytes, no timers and nothing in a registry`, async () => {
    const bus = busWithRun();
    const listeners = new ListenerCount();
    const { signal } = listeners.createAbort();
    // Somebody else stays, so that the run's and the bus's registries live on.
    const staying = [bus.subscribe("r", { from: "live" }), bus.subscribeGlobal()];
    await comeAndGo(bus, signal, -1);
    const before = registriesOf(bus);
    const timers = watchTimers();
    try {
      const left = await bytesLeftBy((i) => comeAndGo(bus, signal, i));
      assert(left < NOTHING, `each left ${left.toFixed(0)} bytes`);
      assertEquals(timers.pending, 0, "timers that still run");
    } finally {
      timers.stop();
    }
    assertEquals(registriesOf(bus), before);
    assertEquals(listeners.total, 0, "listeners of the signal");
    for (const subscription of staying) await subscription.cancel();
    // Their logs of all runs would be kept for a while, by a timer that the next test counted.
    for (const one of [bus, fullBuses.get(bus)?.full]) one?.closeGlobal();
  });
}

/** How much there is in every registry that the bus tells of. */
function registriesOf(bus: EventBus): unknown {
  const { active_runs, global_subscribers, history_runs, queue_depths } = bus.stats();
  const readers = Object.entries(queue_depths).map(([run, depths]) => [run, depths.length]);
  return { active_runs, global_subscribers, history_runs, readers };
}

// A collector that looks at the stack for what might be references keeps a few, whatever holds them.
const FEW = "Bun" in globalThis ? 20 : 0;

test("I8 freed: a cancelled subscription is collected, while its bus, run and signal live on", async () => {
  const bus = busWithRun();
  const { signal } = new AbortController();
  const kept = await countKept(() => {
    const subscription = bus.subscribe("r", { signal });
    void subscription.cancel();
    return subscription;
  });
  assert(kept <= FEW, `${kept} of 200 are kept`);
  assert(!signal.aborted && bus.stats().history_runs === 1);
});

test("I8 freed: a subscription that was ended by a signal is collected, though the signal leads to it", async () => {
  const bus = busWithRun();
  const kept = await countKept(() => {
    const abort = new AbortController();
    const subscription = bus.subscribe("r", { signal: abort.signal });
    // As the stack of an error does, where an engine keeps what the calls in it were made on.
    abort.abort({ subscription });
    return subscription;
  });
  assert(kept <= FEW, `${kept} of 200 are kept`);
});

test("I8 freed: a handler that was taken away is collected, while its bus, run and signal live on", async () => {
  const bus = busWithRun();
  const { signal } = new AbortController();
  const kept = await countKept(() => {
    const handler = () => {};
    bus.on("test.*", handler, { run: "r", signal })();
    return handler;
  });
  assert(kept <= FEW, `${kept} of 200 are kept`);
  assert(!signal.aborted && bus.stats().history_runs === 1);
});

test("I8 freed: a reader that came to the end of its run is collected, while the history is held", async () => {
  const bus = busWithRun();
  bus.closeStream("r");
  const kept = await countKept(() => {
    const subscription = bus.subscribe("r");
    const batches = subscription.batches();
    void batches.next();
    void batches.next();
    return subscription;
  });
  assert(kept <= FEW, `${kept} of 200 are kept`);
  assertEquals(bus.stats().history_runs, 1);
});

test("I8 freed: a subscription that was dropped is collected once its run is forgotten", async () => {
  const bus = new EventBus();
  // Each has a run of its own: a log that such a collector keeps would keep all its readers.
  const kept = await countKept((i) => {
    const subscription = bus.subscribe(`r-${i}`);
    bus.publish({ run_id: `r-${i}`, event_type: "test.tick", data: {} });
    bus.closeStream(`r-${i}`);
    bus.dropHistory(`r-${i}`);
    return subscription;
  });
  assertEquals(bus.stats().active_runs, 0);
  assert(kept <= FEW, `${kept} of 200 are kept`);
});

test("I5 memory: a preview does not keep the text that it was cut from", async () => {
  const bus = new EventBus();
  const publish = (i: number) => {
    // Every text is another, and large: a hundred of them would be 20 megabytes.
    const text = `${i} `.repeat(100_000).slice(0, 200_000);
    bus.publish({ run_id: "r", event_type: "test.data", data: { text } });
  };
  assert(await bytesLeftBy(publish, 100) < 20_000);
});

test("I5 memory: runs that come and go are forgotten with all that they held", async () => {
  const bus = new EventBus({ maxRunsRetained: 10 });
  const publish = (i: number) => {
    bus.publish({ run_id: `run-${i}`, event_type: "test.tick", data: { n: i } });
    if (i % 2 === 0) bus.closeStream(`run-${i}`);
  };
  assert(await bytesLeftBy(publish) < NOTHING);
  assertEquals(bus.stats().history_runs, 10);
});
