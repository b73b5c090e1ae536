/** The bus against a model of it, step by step: random programs within small bounds, and the bounds' edges. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { readAll, summarize } from "../../harness/support/read.ts";
import { leaveAll, Pair, runAgainstModel } from "../properties/against_model.ts";
import { placeOf, runId } from "../properties/driver.ts";
import {
  type Bounds,
  type Op,
  programs,
  smallBounds,
  type Weights,
  wide,
} from "../properties/program.ts";
import { check, settle } from "../properties/settings.ts";

/** Runs random programs against the model; `law` is asked after every step, and at the end. */
function checkPairs(
  weights: Weights,
  fixed: Partial<Bounds>,
  law: (pair: Pair) => void,
  runs?: number,
): Promise<void> {
  return check(
    fc.asyncProperty(
      programs(weights, runs),
      smallBounds(fixed),
      (program, bounds) => runAgainstModel(program, bounds, law),
    ),
  );
}

test("I1–I15: step by step, the bus does what its model does", async () => {
  await checkPairs({}, {}, () => {});
});

test("I5 memory: events, runs, readers and bytes stay within their bounds", async () => {
  const weights = { publish: 30, subscribe: 8, close: 1, leave: 1 };
  await checkPairs(weights, { maxBytes: 1_000 }, ({ driver, bounds }) => {
    const { historyPerRun, maxQueueSize, maxRunsRetained, maxBytes } = bounds;
    const stats = driver.bus.stats();
    assert(stats.retained_bytes <= maxBytes, `${stats.retained_bytes} bytes are held`);
    assert(stats.history_runs <= maxRunsRetained, `${stats.history_runs} runs are held`);
    assert(stats.global_subscribers <= bounds.maxGlobalSubscribers);
    for (const [run, depths] of Object.entries(stats.queue_depths)) {
      const held = (driver.bus as EventBus).history({ run }, { limit: 1_000 }).length;
      assert(held <= Math.max(historyPerRun, maxQueueSize), `${held} events of ${run} are held`);
      const handlers = driver.handlers.reduce((sum, { unfinished }) => sum + unfinished.length, 0);
      for (const depth of depths) assert(depth <= held + handlers, `${depth} events are pending`);
    }
  }, 6);
});

test("I6 eviction is explicit: who reads an evicted run is told, then ends; a new reader starts anew", async () => {
  const weights = { publish: 20, subscribe: 10, resume: 6, read: 20, leave: 1, drop: 0 };
  const fixed = { maxRunsRetained: 2, maxBytes: wide.maxBytes };
  await checkPairs(weights, fixed, ({ driver, model }) => {
    driver.readers.forEach(({ subscription, events, start }, i) => {
      if (subscription.ended !== "evicted") return;
      const { log } = model.readers[i]!;
      assertEquals(placeOf(subscription.cursor).seq, log.entries.length, "it is at the end");
      // One that selects, or that came with a cursor, need not be given the last event.
      if (start.select === undefined && start.after === null && start.from === "history") {
        const last = placeOf(events.at(-1)?.event_id ?? "-0").seq;
        assertEquals(last, log.entries.length, "it was given everything, or told that it was not");
      }
    });
  }, 6);
});

test("I8 freed: whoever leaves, in whichever way, leaves nothing in any registry", async () => {
  const weights = { subscribe: 12, subscribeAll: 6, on: 8, leave: 12, off: 8, publish: 6 };
  await checkPairs(weights, {}, ({ driver, model }) => {
    const staying = [...model.readers, ...model.handlers].filter(({ ended }) => ended === null);
    assertEquals(driver.listeners.total, staying.length, "each who stays listens to its signal");
  });
});

test("I11 isolation: nobody is given an event of another run, and no handler disturbs anybody", async () => {
  const weights = { on: 6, publish: 20, subscribe: 8, read: 20, drop: 1, close: 1 };
  await checkPairs(weights, { maxRunsRetained: 8 }, ({ driver }) => {
    for (const { run, events } of driver.readers) {
      if (run === null) continue;
      for (const event of events) assertEquals(event.run_id, runId(run));
    }
    for (const { run, calls } of driver.handlers) {
      if (run === null) continue;
      for (const event of calls) assertEquals(event.run_id, runId(run));
    }
  }, 5);
});

test("I15 restart: a cursor of an earlier life, or of none, starts anew and says so", async () => {
  const weights = { resume: 20, drop: 6, close: 4, publish: 15, read: 20 };
  await checkPairs(weights, {}, ({ driver, model }) => {
    driver.readers.forEach(({ subscription, start, events }, i) => {
      if (start.after === null) return;
      const isOfThisLife = start.after.split("-")[0] === subscription.cursor.split("-")[0];
      if (!isOfThisLife) assertEquals(subscription.recovery, "restarted");
      if (subscription.recovery !== "restarted" || events.length === 0) return;
      assertEquals(events[0]!.event_type, "bus.gap", `reader ${i} is told first`);
      const reason = isOfThisLife ? "unknown_cursor" : events[0]!.data.reason;
      assert(reason === "unknown_cursor" || reason === "new_epoch");
      assertEquals(events[0]!.data.reason, reason);
      assertEquals(model.readers[i]!.recovery, "restarted");
    });
  });
});

/** The bounds that a bus has of its own accord. */
const usual: Bounds = {
  historyPerRun: 500,
  maxQueueSize: 1_024,
  maxRunsRetained: 200,
  maxGlobalSubscribers: 50,
  maxBytes: 64 * 1024 * 1024,
};

const publish = (run: number, count: number): Op => {
  return { op: "publish", run, type: 0, count, text: 0, writer: false };
};
const subscribe: Op = { op: "subscribe", run: 0, from: "history", via: "iterator", select: 0 };
const batches: Op = { ...subscribe, via: "batches" };
const subscribeAll: Op = { op: "subscribeAll", via: "batches", select: 0 };
const read = (reader: number): Op => ({ op: "read", reader, count: 2 });

for (const count of [0, 1, 199, 200, 201, 499, 500, 501, 1_023, 1_024, 1_025]) {
  test(`I5 memory, by default: ${count} events, read early, late and by who watches all`, async () => {
    const program = [
      subscribe,
      subscribeAll,
      publish(0, count),
      batches,
      read(0),
      read(1),
      read(2),
    ];
    await runAgainstModel([...program, { op: "close", run: 0 }, batches, read(2), read(3)], usual);
  });

  test(`I14 resume, by default: from both ends of what is held of ${count} events`, async () => {
    const bus = new EventBus();
    const { cursor } = bus.subscribe("r", { from: "live" });
    for (let n = 1; n <= count; n++) {
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
    }
    const epoch = cursor.split("-")[0];
    const held = bus.history({ run: "r" }, { limit: 2_000 }).length;
    bus.closeStream("r");
    const tail = count - held;
    for (const seq of new Set([0, 1, tail - 1, tail, tail + 1, count - 1, count])) {
      if (seq < 0 || seq > count) continue;
      const resumed = bus.subscribe("r", { after: `${epoch}-${seq}` });
      const seen = summarize(await readAll(resumed));
      const missing = Math.max(0, tail - seq);
      assertEquals(resumed.recovery, missing > 0 ? "gap" : "exact");
      const gap = missing > 0 ? [`gap:evicted ${seq + 1}-${tail}`] : [];
      const from = Math.max(seq, tail) + 1;
      const rest = Array.from({ length: count - from + 1 }, (_, i) => from + i);
      assertEquals(seen, [...gap, ...rest]);
    }
  });
}

for (const count of [0, 1, 199, 200, 201]) {
  test(`I6 eviction, by default: ${count} runs, of which one is being read`, async () => {
    const runs = Array.from({ length: count }, (_, run) => publish(run, 1));
    await runAgainstModel([subscribe, ...runs, read(0), batches, read(1)], usual);
  });
}

for (const count of [0, 1, 49, 50, 51]) {
  test(`I5 memory, by default: ${count} readers of all runs`, async () => {
    const readers = Array.from({ length: count }, () => subscribeAll);
    await runAgainstModel([...readers, publish(0, 1), read(0), read(count - 1)], usual);
  });
}

test("I5 memory: a run that is being read keeps to maxBytes as well", async () => {
  const pair = new Pair({ ...wide, maxBytes: 1_000 });
  for (const run of [0, 1, 2, 3, 4]) {
    await pair.step({ ...subscribe, run });
    await pair.step({ op: "publish", run, type: 0, count: 1, text: 200, writer: false });
    assert(pair.driver.bus.stats().retained_bytes <= 1_000);
  }
  await leaveAll(pair);
});

test("I5 memory: no event is larger than all that may be held", () => {
  const bus = new EventBus({ maxBytes: 1_000 });
  bus.publish({ run_id: "r", event_type: "test.data", data: { text: "x".repeat(10_000) } });
  assertEquals(bus.history({ run: "r" }).length, 1);
  assert(bus.stats().retained_bytes <= 1_000);
});

test("I15 restart: a writer goes on in the log that readers find, also after a refused event", async () => {
  const bus = new EventBus({ onError() {} });
  const writer = bus.writer("r");
  writer.write("no type at all", {});
  await bus.subscribe("r").cancel();
  writer.write("test.tick", { n: 1 });
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
});

test("EventBus.drained() is over when there is nothing left to take, because it was dropped", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  let isOver = false;
  void bus.drained("r").then(() => (isOver = true));
  await settle();
  assertEquals(isOver, false);
  bus.dropHistory("r");
  await settle();
  assertEquals(isOver, true);
  await subscription.cancel();
});
