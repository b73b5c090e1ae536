/** What readers of a shared bus get, or are told, where processes, links and the store fail: one kind after the other. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Bus, StreamEvent, Subscription } from "@locus/core";
import { PermanentError } from "../../src/transports/remote/permanent_error.ts";
import type { RemoteBusOptions } from "../../src/transports/remote/remote_bus_options.ts";
import { arrived, closed, count, publish, readAll, readTo, within } from "../contract/observe.ts";
import { type AnyEvent, readSome, summarize } from "../harness/support/read.ts";
import { turn, until } from "../harness/support/until.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine, type MemoryEngineOptions, type MemoryStore } from "./memory_engine.ts";

/** An engine, and two processes on it. */
async function shared(
  act: (place: {
    engine: MemoryEngine;
    here: Bus;
    there: Bus;
    /** The connection of `there`. */
    link: MemoryStore;
    flushed: () => Promise<unknown>;
  }) => Promise<void>,
  { engine: engineOptions, ...options }: RemoteBusOptions & { engine?: MemoryEngineOptions } = {},
): Promise<void> {
  const engine = new MemoryEngine(engineOptions);
  const [here, there] = [createRemoteBus(engine, options), createRemoteBus(engine, options)];
  const [, link] = [...engine.stores];
  const flushed = () => Promise.all([here.flushed(), there.flushed()]);
  try {
    await act({ engine, here, there, link: link!, flushed });
  } finally {
    await Promise.all([here.end(100), there.end(100)]);
  }
}

/** What a reader of all runs is given of a run, as it comes. */
function follow(subscription: Subscription<StreamEvent>) {
  const events: AnyEvent[] = [];
  void (async () => {
    for await (const event of subscription) events.push(event as AnyEvent);
  })();
  return {
    events,
    of: (run: string) => summarize(events.filter(({ run_id }) => run_id === run)),
    has: (run: string, n: number) =>
      until(`event ${n} of ${run}`, () => {
        return events.some(({ run_id, data }) => run_id === run && data.n === n);
      }),
  };
}

const NEW_EPOCH = "gap:new_epoch 1-0";

test("C1: a reader of all runs goes on after a link was lost, and gets nothing twice", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    const all = follow(subscription);
    for (const n of count(1, 5)) {
      publish(here, "a", n);
      publish(here, "b", n);
      await flushed();
      link.reconnect();
    }
    await all.has("a", 5);
    await all.has("b", 5);
    assertEquals([all.of("a"), all.of("b"), all.of("*")], [count(1, 5), count(1, 5), []]);
  });
});

test("C1: a reader of all runs is told that the store was started anew", async () => {
  await shared(async ({ engine, here, there }) => {
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    const all = follow(subscription);
    publish(here, "a", 1);
    await all.has("a", 1);
    engine.restart();
    publish(here, "a", 2);
    await all.has("a", 2);
    assertEquals(all.of("a"), [1, NEW_EPOCH, 2]);
    assertEquals(all.of("*"), ["gap:new_epoch 2-1"]);
  });
});

test("C2: runs that began while nothing was heard are given to who reads all runs", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    const all = follow(subscription);
    publish(here, "known", 1);
    await all.has("known", 1);
    link.hear("nothing");
    for (const run of ["known", "new", "newer"]) publish(here, run, 2, 3);
    await flushed();
    link.mend();
    await all.has("newer", 3);
    assertEquals(["known", "new", "newer", "*"].map(all.of), [[1, 2, 3], [2, 3], [2, 3], []]);
  });
});

test("C2: a notice that is lost without a word is missed when the next comes", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    const all = follow(subscription);
    publish(here, "a", 1);
    await all.has("a", 1);
    link.lose = 1;
    publish(here, "b", 1);
    await flushed();
    publish(here, "a", 2);
    await all.has("a", 2);
    await all.has("b", 1);
    assertEquals(all.of("*"), []);
  });
});

test("C2: what the store does not know any more is a gap of the run *", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    const all = follow(subscription);
    publish(here, "a", 1);
    await all.has("a", 1);
    link.hear("nothing");
    for (const n of count(1, 10)) {
      publish(here, `r${n}`, n);
      await flushed();
    }
    link.mend();
    await all.has("r10", 10);
    assertEquals(all.of("*"), ["gap:evicted 2-9"]);
    assertEquals(all.of("r8"), []);
    assertEquals(all.of("r9"), [9]);
  }, { engine: { maxOrder: 2 } });
});

test("C2: a run that began and was forgotten while nothing was heard is a gap in its place", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const subscription = there.subscribeGlobal({ select: "other.*" });
    await subscription.opened;
    const all = follow(subscription);
    link.hear("nothing");
    publish(here, "a", 1, 2);
    await flushed();
    engine.evict("a", "run");
    publish(here, "a", 3);
    await flushed();
    link.mend();
    await until("all of it is told", () => all.of("a").length === 2);
    // Also to who asked for none of these types.
    assertEquals(all.of("a"), ["gap:evicted 1-2", NEW_EPOCH]);
  });
});

test("C3: whatever is lost is a gap in its own run, at its place", async () => {
  let isAway = false;
  const fail = () => {
    if (isAway) throw new Error("expected: away");
  };
  await shared(async ({ here, there, flushed }) => {
    const readings = ["a", "b", "c"].map((run) => readAll(there.subscribe(run)));
    for (const run of ["a", "b"]) publish(here, run, 1);
    await flushed();
    isAway = true;
    publish(here, "a", ...count(2, 9));
    publish(here, "b", ...count(2, 4));
    publish(here, "c", 1, 2);
    assertEquals(here.stats().dropped_events_total, 10);
    isAway = false;
    await flushed();
    publish(here, "b", 5);
    for (const run of ["a", "b", "c"]) here.closeStream(run);
    assertEquals((await Promise.all(readings)).map(summarize), [
      [...count(1, 4), "gap:evicted 5-9"],
      [1, "gap:evicted 2-4", 5],
      ["gap:evicted 1-2"],
    ]);
  }, { maxPendingEvents: 3, engine: { fail } });
});

test("C3: events that are refused for good are a gap before the next that is stored", async () => {
  let isRefused = false;
  const fail = (what: string) => {
    if (isRefused && what === "append") throw new PermanentError("expected: not allowed");
  };
  const errors: string[] = [];
  await shared(async ({ here, there, flushed }) => {
    publish(here, "a", 1);
    await flushed();
    isRefused = true;
    publish(here, "a", 2, 3);
    await flushed();
    publish(here, "a", 4);
    await flushed();
    assertEquals(here.stats().dropped_events_total, 3);
    isRefused = false;
    publish(here, "a", 5);
    await closed(here, "a");
    assertEquals(summarize(await readAll(there.subscribe("a"))), [1, "gap:evicted 2-4", 5]);
    assert(errors.some((message) => message.includes("not allowed")));
  }, { engine: { fail }, onError: ({ message }) => void errors.push(message) });
});

test("C4: a loss in the middle costs a late reader only what is lost", async () => {
  await shared(async ({ engine, here, there, flushed }) => {
    publish(here, "a", ...count(1, 6));
    await flushed();
    engine.runs.get("a")!.events.splice(2, 2);
    await closed(here, "a");
    const reader = there.subscribe("a");
    const events = await readAll(reader);
    assertEquals(summarize(events), [1, 2, "gap:evicted 3-4", 5, 6]);
    const resumed = await readAll(there.subscribe("a", { after: events[1]!.event_id }));
    assertEquals(summarize(resumed), ["gap:evicted 3-4", 5, 6]);
    const behind = await readAll(there.subscribe("a", { after: events[2]!.event_id }));
    assertEquals(summarize(behind), [5, 6]);
  });
});

test("C4: a loss that is larger than the queue costs a reader that lags nothing else", async () => {
  await shared(async ({ here, there, flushed }) => {
    const subscription = there.subscribe("a");
    publish(here, "a", ...count(1, 4));
    assertEquals(summarize(await readSome(subscription, 1)), [1]);
    publish(here, "a", ...count(5, 1_004));
    await flushed();
    publish(here, "a", 1_005);
    await flushed();
    await until("the reader could read all", () => there.stats().queue_depths["a"]![0] === 1_004);
    assertEquals(summarize(await readTo(subscription, 1_005)), [
      ...count(2, 8),
      "gap:evicted 9-1004",
      1_005,
    ]);
  }, { maxQueueSize: 20, historyPerRun: 20, maxPendingEvents: 4 });
});

test("C5: a reader goes on at a process that lags behind", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const old = there.subscribe("a");
    publish(here, "a", 1);
    await readTo(old, 1);
    link.hear("late");
    publish(here, "a", ...count(2, 50));
    await flushed();
    const seen = await readTo(here.subscribe("a"), 40);
    const resumed = there.subscribe("a", { after: seen.at(-1)!.event_id });
    await resumed.opened;
    assertEquals(resumed.recovery, "exact");
    assertEquals(summarize(await readTo(resumed, 50)), count(41, 50));
    await closed(here, "a");
    const [last] = (await readTo(here.subscribe("a"), 50)).slice(-1);
    const [epoch] = last!.event_id.split("-");
    // The end of a run, on the wire, is one past its last event.
    const ended = there.subscribe("a", { after: `${epoch}-51` });
    await ended.opened;
    assertEquals([ended.recovery, await readAll(ended)], ["exact", []]);
  });
});

test("C5: a reader goes on at a process that has not heard yet that the run began anew", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const old = there.subscribe("a");
    publish(here, "a", 1, 2, 3);
    await readTo(old, 3);
    link.hear("late");
    engine.flush();
    publish(here, "a", 4, 5);
    await flushed();
    const seen = await readTo(here.subscribe("a"), 4);
    const resumed = there.subscribe("a", { after: seen.at(-1)!.event_id });
    assertEquals(summarize(await readTo(resumed, 5)), [5]);
    assertEquals(resumed.recovery, "exact");
    assertEquals(summarize(await readTo(old, 5)), [NEW_EPOCH, 4, 5]);
  });
});

test("C5: an id is not judged while the store cannot be asked", async () => {
  await shared(async ({ here, there, link, flushed }) => {
    const old = there.subscribe("a");
    publish(here, "a", 1);
    await readTo(old, 1);
    link.hear("nothing");
    link.isSevered = true;
    publish(here, "a", 2, 3);
    await flushed();
    const seen = await readTo(here.subscribe("a"), 2);
    const resumed = there.subscribe("a", { after: seen.at(-1)!.event_id });
    await assertRejects(() => resumed.opened!, Error, "not reached");
    assertEquals(resumed.cursor, seen.at(-1)!.event_id);
    link.isSevered = false;
    link.mend();
    assertEquals(summarize(await readTo(resumed, 3)), [3]);
    assertEquals(resumed.recovery, "exact");
  });
});

test("C5: an id is not judged by memory when the store has lost the run", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const old = there.subscribe("a");
    publish(here, "a", 1);
    await readTo(old, 1);
    link.hear("nothing");
    publish(here, "a", 2, 3);
    await flushed();
    const seen = await readTo(here.subscribe("a"), 3);
    engine.evict("a", "run");
    const resumed = there.subscribe("a", { after: seen.at(-1)!.event_id });
    await resumed.opened;
    assertEquals(resumed.cursor, seen.at(-1)!.event_id);
    publish(here, "a", 4);
    await flushed();
    link.mend();
    assertEquals(summarize(await readTo(resumed, 4)), [NEW_EPOCH, 4]);
  });
});

/** At a point of a reader's opening, the store is emptied, and goes on. */
async function wipedAt(point: "beforeRead" | "delayRead", isBegun: boolean) {
  let isFirst = true;
  const act = async () => {
    if (!isFirst) return;
    isFirst = false;
    publish(publisher, "a", 2);
    await publisher.flushed();
    engine.flush();
    publish(publisher, "a", 3);
    await publisher.flushed();
    await turn();
  };
  const engine = new MemoryEngine({ [point]: act });
  const [publisher, reader] = [createRemoteBus(engine), createRemoteBus(engine)];
  if (isBegun) publish(publisher, "a", 1);
  await publisher.flushed();
  const seen = summarize(await readTo(reader.subscribe("a"), 3));
  await Promise.all([publisher.end(100), reader.end(100)]);
  return seen;
}

for (const isBegun of [true, false]) {
  const run = isBegun ? "a run" : "a run that has not begun";
  test(`C6: the store is emptied while ${run} is read for the first time: it is said`, async () => {
    // Whoever opens it has got what was there, or was told of what was heard meanwhile.
    assertEquals(await wipedAt("beforeRead", isBegun), [NEW_EPOCH, 3]);
    assertEquals(await wipedAt("delayRead", isBegun), [...(isBegun ? [1] : []), NEW_EPOCH, 3]);
  });
}

test("C6: the store is emptied twice between two looks: it is said", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const [begun, waiting] = [there.subscribe("a"), there.subscribe("b")];
    await Promise.all([begun.opened, waiting.opened]);
    publish(here, "a", 1);
    await readTo(begun, 1);
    link.hear("nothing");
    for (const n of [2, 3]) {
      engine.flush();
      for (const run of ["a", "b"]) publish(here, run, n);
      await flushed();
    }
    link.mend();
    assertEquals(summarize(await readTo(begun, 3)), [NEW_EPOCH, 3]);
    assertEquals(summarize(await readTo(waiting, 3)), [NEW_EPOCH, 3]);
  });
});

test("C6: a run that comes and goes before it was ever read is said, though the news is late", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const waiting = there.subscribe("a");
    await waiting.opened;
    link.hear("late");
    publish(here, "a", 1, 2);
    await flushed();
    engine.evict("a", "run");
    publish(here, "a", 3);
    await flushed();
    link.mend();
    assertEquals(summarize(await readTo(waiting, 3)), [NEW_EPOCH, 3]);
  });
});

for (const when of ["before it is asked", "while it is asked"]) {
  test(`C6: a run that came and went unheard is said, though the next is heard ${when} what was missed`, async () => {
    let announce = () => {};
    const fail = (what: string) => what === "since" && announce();
    await shared(async ({ engine, here, there, link, flushed }) => {
      const waiting = there.subscribe("a");
      await waiting.opened;
      link.hear("nothing");
      publish(here, "a", 1);
      await flushed();
      engine.evict("a", "run");
      publish(here, "a", 2);
      await flushed();
      const { epoch } = engine.runs.get("a")!;
      const again = () => engine.tell({ runId: "a", kind: "changed", epoch, first: 1, last: 1 });
      if (when === "while it is asked") {
        announce = () => {
          announce = () => {};
          again();
        };
      } else link.isSevered = true;
      link.mend();
      publish(here, "a", 3);
      await flushed();
      link.isSevered = false;
      assertEquals(summarize(await readTo(waiting, 3)), [NEW_EPOCH, 2, 3]);
    }, { engine: { fail } });
  });
}

test("C6: a run that came and went unheard is said, though the order has no name before and after", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const waiting = there.subscribe("a");
    await waiting.opened;
    link.hear("nothing");
    publish(here, "a", 1);
    await flushed();
    engine.flush();
    link.mend();
    await turn();
    publish(here, "a", 2);
    await flushed();
    assertEquals(summarize(await readTo(waiting, 2)), [NEW_EPOCH, 2]);
  }, { engine: { beginsUnnamed: true } });
});

test("C6: what went on is said also to who was given what came after", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const waiting = there.subscribe("a");
    await waiting.opened;
    link.hear("late");
    publish(here, "a", 1, 2);
    await flushed();
    engine.evict("a", "run");
    publish(here, "a", 3, 4);
    await flushed();
    const [third] = await readTo(here.subscribe("a"), 3);
    // Its id has the store asked, before the news has come.
    assertEquals(summarize(await readTo(there.subscribe("a", { after: third!.event_id }), 4)), [4]);
    assertEquals(summarize(await readTo(waiting, 4)), [3, 4]);
    link.mend();
    assertEquals(summarize(await readTo(waiting, 4)), [NEW_EPOCH, 3, 4]);
  });
});

test("C6: events that are evicted before they were read are a gap, and so is a run", async () => {
  await shared(async ({ engine, here, there, link, flushed }) => {
    const [a, b] = [there.subscribe("a"), there.subscribe("b")];
    for (const run of ["a", "b"]) publish(here, run, 1);
    await Promise.all([readTo(a, 1), readTo(b, 1)]);
    link.hear("late");
    for (const run of ["a", "b"]) publish(here, run, 2, 3);
    await flushed();
    engine.evict("a", "events");
    engine.evict("b", "run");
    link.mend();
    assertEquals(summarize(await readSome(a, 1)), ["gap:evicted 2-3"]);
    assertEquals(summarize(await readSome(b, 1)), ["gap:evicted 2-3"]);
    for (const run of ["a", "b"]) publish(here, run, 4);
    assertEquals(summarize(await readTo(a, 4)), [4]);
    assertEquals(summarize(await readTo(b, 4)), [NEW_EPOCH, 4]);
  });
});

test("C6: a reader that leaves before it was told is told where it goes on", async () => {
  await shared(async ({ engine, here, there, flushed }) => {
    const reader = there.subscribe("a");
    publish(here, "a", 1);
    await readTo(reader, 1);
    engine.flush();
    publish(here, "a", 2);
    await flushed();
    await until("it has gone over", () => there.stats().queue_depths["a"]![0] === 1);
    const resumed = here.subscribe("a", { after: reader.cursor });
    assertEquals(summarize(await readTo(resumed, 2)), [NEW_EPOCH, 2]);
  });
});

test("C7: whoever subscribes to a bus that was closed finds the end at once, and why", async () => {
  const errors: string[] = [];
  const onError = ({ message }: Error, { stage }: { stage: string }) =>
    void errors.push(`${stage}: ${message}`);
  await shared(async ({ engine, here }) => {
    const bus = here as ReturnType<typeof createRemoteBus>;
    await bus.close();
    for (const subscription of [bus.subscribe("a"), bus.subscribeGlobal()]) {
      await assertRejects(() => subscription.opened!, Error, "The bus was closed");
      assertEquals(await readAll(subscription), []);
      assertEquals(subscription.ended, "rejected");
    }
    for (const run of ["a", undefined]) {
      await assertRejects(() => within("an end", bus.waitFor({ run })), Error, "came to its end");
    }
    assertEquals(errors, Array(4).fill("subscribe: The bus was closed"));
    errors.length = 0;
    publish(bus, "a", 1);
    bus.closeStream("a");
    assertEquals(bus.stats().rejected_events_total, 1);
    assertEquals(errors.map((text) => text.endsWith("the bus was closed")), [true, true]);
    await within("nothing", Promise.all([bus.flushed(), bus.drained("a"), bus.close()]));
    assertEquals(engine.runs.size, 0);
  }, { onError });
});

test("C7: readers whose opening is under way end when the bus is closed", async () => {
  const fail = () => {
    throw new Error("expected: away");
  };
  await shared(async ({ here }) => {
    const bus = here as ReturnType<typeof createRemoteBus>;
    const readers = [
      bus.subscribe("a"),
      bus.subscribe("a", { after: "x-1" }),
      bus.subscribeGlobal(),
    ];
    const reading = readers.map(readAll);
    await turn();
    publish(bus, "a", 1);
    await within("the end", bus.close({ timeoutMs: 0 }));
    assertEquals(await Promise.all(reading), [[], [], []]);
    assertEquals(bus.stats().dropped_events_total, 1);
  }, { engine: { fail } });
});

test("C8: what is refused for good is tried once, and ends whoever waits for it", async () => {
  const asked: string[] = [];
  const fail = (what: string) => {
    asked.push(what);
    throw new PermanentError("expected: no rights");
  };
  const errors: string[] = [];
  await shared(async ({ here, flushed }) => {
    for (const subscription of [here.subscribe("a"), here.subscribeGlobal()]) {
      assertEquals(await readAll(subscription), []);
      assertEquals(subscription.ended, "rejected");
      await assertRejects(() => subscription.opened!, Error, "no rights");
    }
    publish(here, "a", 1);
    here.closeStream("b");
    await within("nothing to wait for", flushed());
    await turn();
    assertEquals(asked, ["watch", "watchAll", "append", "close"]);
    assertEquals(here.stats().dropped_events_total, 1);
    assert(errors.every((message) => message.includes("no rights")), errors.join("\n"));
  }, { engine: { fail }, onError: ({ message }) => void errors.push(message) });
});

test("C8: a mistake that was put right is no obstacle to the next reader", async () => {
  let isWrong = true;
  const fail = () => {
    if (isWrong) throw new PermanentError("expected: no rights");
  };
  await shared(async ({ here, there }) => {
    await Promise.all([readAll(there.subscribe("a")), readAll(there.subscribeGlobal())]);
    isWrong = false;
    const all = there.subscribeGlobal();
    await all.opened;
    const seen = follow(all);
    publish(here, "a", 1);
    await arrived(there, "a", 1);
    await seen.has("a", 1);
  }, { engine: { fail } });
});
