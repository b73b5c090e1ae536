/** An awaited publish while the store cannot be reached, forgets to answer, or is full. */
import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { PermanentError } from "../../src/transports/remote/permanent_error.ts";
import type { RemoteBus } from "../../src/transports/remote/remote_bus.ts";
import type { RemoteBusOptions } from "../../src/transports/remote/remote_bus_options.ts";
import { closed, historyOf, publish, readAll } from "../contract/observe.ts";
import { summarize } from "../harness/support/read.ts";
import { until } from "../harness/support/until.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine, type MemoryEngineOptions, type MemoryStore } from "./memory_engine.ts";

const RUN = "r";

async function onStage(
  act: (place: { bus: RemoteBus; link: MemoryStore; engine: MemoryEngine }) => Promise<void>,
  options: RemoteBusOptions = {},
  engineOptions: MemoryEngineOptions = {},
): Promise<void> {
  const engine = new MemoryEngine(engineOptions);
  const bus = createRemoteBus(engine, options);
  const [link] = [...engine.stores];
  try {
    await act({ bus, engine, link: link! });
  } finally {
    await bus.end(100);
  }
}

const ticks = (...numbers: number[]) =>
  numbers.map((n) => ({ run_id: RUN, event_type: "test.tick", data: { n } }));

async function held(bus: RemoteBus): Promise<unknown[]> {
  return (await historyOf(bus, { run: RUN })).reverse().map(({ data }) => data.n);
}

test("append() waits until the store can be reached again", async () => {
  await onStage(async ({ bus, link }) => {
    link.failures = 3;
    assertEquals(await bus.append(RUN, ticks(1)), "stored");
    assertEquals(await held(bus), [1]);
  });
});

for (const producer of [undefined, { id: "p", seq: 0 }]) {
  const who = producer ? "with" : "without";
  test(`append() ${who} a producer stores once what was stored without an answer`, async () => {
    let isFirst = true;
    const failAfter = () => {
      if (!isFirst) return;
      isFirst = false;
      throw new Error("expected: the answer is lost");
    };
    await onStage(
      async ({ bus }) => {
        // Of a producer's number nobody knows whose attempt it was.
        const stored = await bus.append(RUN, ticks(1, 2), { producer });
        assertEquals(stored, producer ? "duplicate" : "stored");
        publish(bus, RUN, 3);
        await closed(bus, RUN);
        assertEquals(summarize(await readAll(bus.subscribe(RUN))), [1, 2, 3]);
      },
      {},
      { failAfter },
    );
  });
}

test("append() in the midst of publishes uses its number in its turn", async () => {
  await onStage(async ({ bus }) => {
    publish(bus, RUN, 1);
    const stored = bus.append(RUN, ticks(2));
    publish(bus, RUN, 3);
    const last = bus.append(RUN, ticks(4));
    assertEquals([await stored, await last], ["stored", "stored"]);
    assertEquals(await held(bus), [1, 2, 3, 4]);
  });
});

test("append() that is given up while it waits stores nothing, and frees its room", async () => {
  await onStage(async ({ bus, link }) => {
    link.isSevered = true;
    publish(bus, RUN, 1);
    const giveUp = new AbortController();
    const stored = bus.append(RUN, ticks(2), { signal: giveUp.signal });
    giveUp.abort(new RangeError("enough"));
    await assertRejects(() => stored, RangeError, "enough");
    // There is room for two.
    publish(bus, RUN, 3);
    link.isSevered = false;
    await bus.flushed();
    assertEquals(await held(bus), [1, 3]);
    assertEquals(bus.stats().dropped_events_total, 0);
  }, { maxPendingEvents: 2 });
});

test("append() that is given up while it is sent lets what is behind it go on", async () => {
  let attempts = 0;
  let isSevered = true;
  const fail = (what: string) => {
    if (what !== "append" || !isSevered) return;
    attempts++;
    throw new Error("expected: not reached");
  };
  await onStage(
    async ({ bus }) => {
      const giveUp = new AbortController();
      const stored = bus.append(RUN, ticks(1), { signal: giveUp.signal });
      stored.catch(() => {});
      await until("it was tried", () => attempts > 0);
      publish(bus, RUN, 2);
      isSevered = false;
      giveUp.abort(new RangeError("enough"));
      await stored.catch(() => {});
      await bus.flushed();
      const numbers = await held(bus);
      assertEquals(numbers.at(-1), 2);
    },
    {},
    { fail },
  );
});

test("append() and claim() reject at once where too much waits, and lose nobody's events", async () => {
  await onStage(async ({ bus, link }) => {
    link.isSevered = true;
    publish(bus, RUN, 1, 2);
    await assertRejects(() => bus.append(RUN, ticks(3)), Error, "too much waits");
    await assertRejects(() => bus.claim(RUN, "p"), Error, "too much waits");
    link.isSevered = false;
    await bus.flushed();
    assertEquals(await held(bus), [1, 2]);
    assertEquals(bus.stats().dropped_events_total, 0);
  }, { maxPendingEvents: 2 });
});

test("what only waits takes room, too", async () => {
  await onStage(async ({ bus, link }) => {
    link.isSevered = true;
    const claims = [bus.claim(RUN, "p"), bus.append(RUN, [])];
    await assertRejects(() => bus.claim(RUN, "p"), Error, "too much waits");
    link.isSevered = false;
    assertEquals(await Promise.all(claims), [1, "stored"]);
    assertEquals(await bus.claim(RUN, "p"), 2);
  }, { maxPendingEvents: 2 });
});

test("append() and claim() reject when the bus is closed, before or meanwhile", async () => {
  await onStage(async ({ bus, link }) => {
    link.isSevered = true;
    const waiting = [bus.append(RUN, ticks(1)), bus.claim(RUN, "p"), bus.append(RUN, ticks(2))];
    const refused = waiting.map((one) => assertRejects(() => one, Error, "closed"));
    await bus.end(10);
    await Promise.all(refused);
    await assertRejects(() => bus.append(RUN, ticks(3)), Error, "The bus was closed");
    await assertRejects(() => bus.claim(RUN, "p"), Error, "The bus was closed");
  });
});

test("append() rejects with what the store refuses for good, and is no lost event", async () => {
  const fail = (what: string) => {
    if (what === "append") throw new PermanentError("expected: no rights");
  };
  await onStage(
    async ({ bus }) => {
      const both = [bus.append(RUN, ticks(1)), bus.append(RUN, ticks(2))];
      for (const one of both) await assertRejects(() => one, Error, "no rights");
      assertEquals(bus.stats().dropped_events_total, 0);
      assertEquals(bus.stats().published_events_total, 0);
    },
    {},
    { fail },
  );
});

test("append() of two processes: who claimed last is the one that stores", async () => {
  await onStage(async ({ bus: here, engine }) => {
    const there = createRemoteBus(engine);
    const first = { id: "p", epoch: await here.claim(RUN, "p"), seq: 0 };
    assertEquals(await here.append(RUN, ticks(1), { producer: first }), "stored");
    const second = { id: "p", epoch: await there.claim(RUN, "p"), seq: 0 };
    const told: number[] = [];
    const onFenced = (epoch: number) => void told.push(epoch);
    const late = await here.append(RUN, ticks(2), { producer: { ...first, seq: 1 }, onFenced });
    assertEquals([late, told], ["fenced", [2]]);
    assertEquals(await there.append(RUN, ticks(3), { producer: second }), "stored");
    assertEquals(await held(there), [1, 3]);
    await there.end(100);
  });
});
