/** Handlers: under any order of their endings, and with a bus that is used from within its own callbacks. */
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { currentRunId, EventBus, runContext } from "@locus/core";
import { readAll, summarize } from "../../harness/support/read.ts";
import { closedAt, walkAll } from "../properties/laws.ts";
import { programs, selects, smallBounds, types, wide } from "../properties/program.ts";
import { race } from "../properties/race.ts";
import { check, settle } from "../properties/settings.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

const handlerSpecs = fc.array(
  fc.record({
    concurrency: fc.integer({ min: 1, max: 4 }),
    pauses: fc.integer({ min: 0, max: 2 }),
    fails: fc.constantFrom("never", "throws", "rejects"),
  }),
  { minLength: 1, maxLength: 4 },
);

test("I4 order, I11 isolation: handlers keep order, concurrency and context, however their pauses end", async () => {
  await check(fc.asyncProperty(
    fc.scheduler(),
    handlerSpecs,
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }),
    async (scheduler, specs, bursts) => {
      const errors: string[] = [];
      const bus = new EventBus({ onError: (error) => errors.push(error.message) });
      const seen = specs.map(({ concurrency, pauses, fails }, i) => {
        const started: unknown[] = [];
        let running = 0;
        const handler = async (n: unknown) => {
          const owner = `owner-${i}`;
          assertEquals(currentRunId(), owner);
          started.push(n);
          assert(++running <= concurrency, `${running} calls at a time`);
          for (let pause = 0; pause < pauses; pause++) {
            await scheduler.schedule(Promise.resolve(), `pause of handler ${i}`);
            assertEquals(currentRunId(), owner, "the context of whoever registered it, all along");
          }
          running--;
          if (fails === "rejects") throw new Error(`rejects ${i}`);
        };
        runContext({ runId: `owner-${i}`, bus }, () => {
          bus.on("test.tick", ({ data }) => {
            if (fails === "throws") {
              started.push(data.n);
              throw new Error(`throws ${i}`);
            }
            return handler(data.n);
          }, { run: "r", concurrency });
        });
        return started;
      });
      const reading = readAll(bus.subscribe("r"));
      let published = 0;
      scheduler.scheduleSequence(
        bursts.map((count) => () =>
          runContext({ runId: "publisher", bus }, async () => {
            for (let i = 0; i < count; i++) publish(bus, ++published);
            await null;
          })
        ),
      );
      await scheduler.waitIdle();
      bus.closeStream("r");
      await scheduler.waitIdle();
      await settle();
      const all = Array.from({ length: published }, (_, i) => i + 1);
      assertEquals(summarize(await reading), all);
      for (const started of seen) assertEquals(started, all);
      const failing = specs.filter(({ fails }) => fails !== "never").length;
      assertEquals(errors.length, failing * published, `each failure is reported once: ${errors}`);
      assertEquals(bus.stats().active_runs, 0);
    },
  ));
});

test("I12 re-entrancy: steps taken from within handlers and getters change no law", async () => {
  const weights = { on: 8, publish: 16, subscribe: 6, finish: 6, history: 0, drained: 0 };
  const inside = fc.constantFrom(undefined, undefined, "getter" as const, "handler" as const);
  const steps = fc.tuple(programs(weights), fc.infiniteStream(inside)).map(([program, where]) =>
    program.map((op) => ({ op, from: op.op === "tick" ? undefined : where.next().value }))
  );
  const bounds = smallBounds({ maxRunsRetained: 1_000, maxBytes: wide.maxBytes });
  await check(fc.asyncProperty(steps, bounds, async (program, bounds) => {
    const result = await race(program, bounds);
    for (const { who, from, to, delivered, missing, delivery } of walkAll(result)) {
      if (delivery.start.select !== undefined || !delivery.isComplete) continue;
      assertEquals(from + delivered + missing, to, who);
      assertEquals(to, closedAt(result, delivery), `${who} has had everything`);
    }
    assertEquals(result.driver.bus.stats().active_runs, 0);
    assertEquals(result.driver.listeners.total, 0);
  }));
});

test("I12 re-entrancy: a run that is evicted while a payload is read starts anew, and is one run", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  publish(bus, 1);
  const data = {
    get n() {
      bus.publish({ run_id: "other", event_type: "test.tick", data: {} });
      return 2;
    },
  };
  bus.publish({ run_id: "r", event_type: "test.tick", data });
  publish(bus, 3);
  assertEquals(bus.stats().history_runs, 1);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), ["gap:new_epoch 1-0", 2, 3]);
});

test("I12 re-entrancy: a run that is closed while a payload is read takes no event after its end", async () => {
  const bus = new EventBus({ onError() {} });
  publish(bus, 1);
  const data = {
    get n() {
      bus.closeStream("r");
      return 2;
    },
  };
  bus.publish({ run_id: "r", event_type: "test.tick", data });
  assertEquals(bus.stats().rejected_events_total, 1);
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
});

test("I12 re-entrancy: what telling of an error leads to is counted, and not told in turn", () => {
  let told = 0;
  const bus: EventBus = new EventBus({
    onError() {
      told++;
      publish(bus, 1);
    },
  });
  bus.closeStream("r");
  publish(bus, 1);
  assertEquals([told, bus.stats().rejected_events_total], [1, 2]);
  publish(bus, 1);
  assertEquals([told, bus.stats().rejected_events_total], [2, 4]);
});

test("waitFor() resolves with the first event that matches, whatever else goes on", async () => {
  const patterns = fc.constantFrom("*", "test.*", ...types);
  const events = fc.array(fc.tuple(fc.constantFrom(...types), fc.nat(2), fc.nat(2)), {
    maxLength: 30,
  });
  await check(fc.asyncProperty(
    events,
    fc.nat(30),
    patterns,
    fc.option(fc.nat(2)),
    async (events, begin, type, run) => {
      const bus = new EventBus();
      let waiting: Promise<unknown> = Promise.resolve(null);
      const wait = () => {
        const filter = { type, ...run === null ? {} : { run: `run-${run}` } };
        waiting = bus.waitFor(filter).then(({ data }) => (data as { n: number }).n, () => null);
      };
      for (const [n, [event_type, where, turns]] of events.entries()) {
        if (n === begin) wait();
        bus.publish({ run_id: `run-${where}`, event_type, data: { n } });
        for (let turn = 0; turn < turns; turn++) await null;
      }
      for (const where of [0, 1, 2]) bus.closeStream(`run-${where}`);
      bus.closeGlobal();
      const first = events.findIndex(([event_type, where], n) =>
        n >= begin && selects(type === "*" ? undefined : type, event_type) &&
        (run === null || where === run)
      );
      assertEquals(await waiting, first === -1 ? null : first);
      assertEquals(bus.stats().active_runs, 0);
    },
  ));
});

test("I11 isolation: onGap and onError may be async and reject; nobody is left with that", async () => {
  const fail = () => Promise.reject(new Error("async"));
  const bus = new EventBus({ maxQueueSize: 1, onError: fail });
  bus.on("test.tick", () => {}, { onGap: fail });
  publish(bus, 1, 2, 3);
  bus.publish({ run_id: "", event_type: "test.tick", data: {} });
  await settle();
  bus.closeGlobal();
  assertEquals(bus.stats().dropped_events_total, 2);
});

test("I11 isolation: a handler's own kind of promise can neither block nor outrun its concurrency", async () => {
  const bus = new EventBus({ onError() {} });
  let throwing = 0;
  bus.on("test.tick", () => {
    throwing++;
    return {
      then() {
        throw new Error("then");
      },
    };
  }, { concurrency: 1 });
  const settled: (() => void)[] = [];
  bus.on("test.tick", () => ({ then: (resolve: () => void) => void settled.push(resolve) }), {
    concurrency: 1,
  });
  publish(bus, 1, 2, 3);
  await settle();
  assertEquals(throwing, 3);
  assertEquals(settled.length, 1);
  for (let i = 0; i < 3; i++) settled[0]!();
  await settle();
  assertEquals(settled.length, 2);
  bus.closeGlobal();
});

test("I11 isolation: a handler can reject with anything, and stays", async () => {
  const errors: string[] = [];
  const bus = new EventBus({ onError: (error) => errors.push(error.message) });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  bus.on("test.tick", () => Promise.reject(proxy), { concurrency: 1 });
  publish(bus, 1, 2);
  await settle();
  assertEquals(errors, ["A handler threw an object", "A handler threw an object"]);
  bus.closeGlobal();
});

test("waitFor() with a bad selector throws before it sets a timer", () => {
  const bus = new EventBus();
  const { setTimeout } = globalThis;
  let timers = 0;
  globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
    timers++;
    return setTimeout(...args);
  }) as typeof setTimeout;
  try {
    assertThrows(() => bus.waitFor("a b", { timeoutMs: 1 }), TypeError, '"select" must be');
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(timers, 0);
});
