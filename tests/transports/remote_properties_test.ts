/** Several processes on one engine that fails now and then: what their readers get, for any interleaving. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AnyEvent } from "../support/read.ts";
import { turn } from "../support/until.ts";
import type { RemoteBus } from "../../src/transports/remote/remote_bus.ts";
import { check } from "../core/properties/settings.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine } from "./memory_engine.ts";

const PROCESSES = 3;
const RUN = "r";

type Step =
  | { readonly do: "publish"; readonly by: number; readonly count: number }
  | { readonly do: "read" | "leave" | "reconnect"; readonly by: number }
  | { readonly do: "fail" | "fail after"; readonly count: number }
  | { readonly do: "wait" };

const process = fc.nat(PROCESSES - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      by: process,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("read" as const, "leave" as const, "reconnect" as const),
      by: process,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("fail" as const, "fail after" as const),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
);

/** A reader of one process, and what it got. */
interface Reading {
  readonly events: AnyEvent[];
  readonly over: Promise<void>;
  leave(): Promise<void>;
}

/** Takes the steps, heals the engine, closes the run, and waits for all readers. */
async function play(
  steps: readonly Step[],
  { historyPerRun, maxPendingEvents }: { historyPerRun: number; maxPendingEvents: number },
) {
  let failures = 0;
  let failuresAfter = 0;
  const engine = new MemoryEngine({
    historyPerRun,
    fail: () => {
      if (failures > 0 && failures--) throw new Error("expected: not reached");
    },
    failAfter: () => {
      if (failuresAfter > 0 && failuresAfter--) throw new Error("expected: answer lost");
    },
  });
  const options = { historyPerRun, maxPendingEvents, maxQueueSize: 1_000 };
  const buses = Array.from({ length: PROCESSES }, () => createRemoteBus(engine, options));
  const published = buses.map(() => 0);
  const current: (Reading | null)[] = buses.map(() => null);
  const readings: Reading[] = [];
  for (const taken of steps) {
    switch (taken.do) {
      case "publish":
        for (let i = 0; i < taken.count; i++) {
          const data = { by: taken.by, n: ++published[taken.by]! };
          buses[taken.by]!.publish({ run_id: RUN, event_type: "test.tick", data });
        }
        break;
      case "read":
        if (current[taken.by] === null) readings.push(current[taken.by] = read(buses[taken.by]!));
        break;
      case "leave":
        await current[taken.by]?.leave();
        current[taken.by] = null;
        break;
      case "reconnect":
        for (const store of engine.stores) store.reconnect();
        break;
      case "fail":
        failures += taken.count;
        break;
      case "fail after":
        failuresAfter += taken.count;
        break;
      case "wait":
        await turn();
    }
  }
  failures = failuresAfter = 0;
  await Promise.all(buses.map((bus) => bus.flushed()));
  buses[0]!.closeStream(RUN);
  await buses[0]!.flushed();
  const late = read(buses.at(-1)!);
  await Promise.all([...readings, late].map(({ over }) => over));
  const lost = buses.reduce((sum, bus) => sum + bus.stats().dropped_events_total, 0);
  await Promise.all(buses.map((bus) => bus.end(1_000)));
  return { readings, late: late.events, published, lost };
}

function read(bus: RemoteBus): Reading {
  const leaving = new AbortController();
  const subscription = bus.subscribe(RUN, { signal: leaving.signal });
  const events: AnyEvent[] = [];
  const over = (async () => {
    for await (const event of subscription) events.push(event as AnyEvent);
  })();
  return {
    events,
    over,
    leave() {
      leaving.abort();
      return over;
    },
  };
}

/** Numbers from 1 that follow each other, with gaps where some do not. */
function assertContiguous(events: readonly AnyEvent[]): void {
  let last = 0;
  for (const { event_type, event_id, data } of events) {
    const seq = Number(event_id.split("-")[1]);
    if (event_type === "bus.gap") {
      assertEquals([data.from_seq, data.to_seq], [last + 1, seq]);
    } else assertEquals(seq, last + 1);
    last = seq;
  }
}

/** Of each publisher, in the order of publishing, and none twice. */
function assertInOrder(events: readonly AnyEvent[]): void {
  const last = new Map<unknown, number>();
  for (const { data: { by, n } } of events.filter(({ event_type }) => event_type !== "bus.gap")) {
    assert((last.get(by) ?? 0) < (n as number), `event ${n} of ${by} came after ${last.get(by)}`);
    last.set(by, n as number);
  }
}

const bounds = fc.record({
  historyPerRun: fc.constantFrom(5, 1_000),
  maxPendingEvents: fc.constantFrom(4, 1_000),
});

test("Whatever fails, each reader of a shared run gets numbers that follow each other, or gaps", async () => {
  await check(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), bounds, async (steps, bounds) => {
      const { readings, late } = await play(steps, bounds);
      for (const events of [late, ...readings.map(({ events }) => events)]) {
        assertContiguous(events);
        assertInOrder(events);
      }
    }),
    300,
  );
});

test("Whatever fails, what is not in the history of a shared run is in a gap or was counted as lost", async () => {
  await check(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), bounds, async (steps, bounds) => {
      const { late, published, lost } = await play(steps, bounds);
      const gaps = late.filter(({ event_type }) => event_type === "bus.gap")
        .reduce((sum, { data }) => sum + (data.count as number), 0);
      const delivered = late.filter(({ event_type }) => event_type !== "bus.gap").length;
      const all = published.reduce((sum, count) => sum + count, 0);
      if (lost === 0) assertEquals(delivered, Math.min(all, bounds.historyPerRun));
      // Events that were lost at the very end have no event behind them to show the gap.
      assert(delivered + gaps <= all, `${delivered} delivered and ${gaps} in gaps of ${all}`);
      assert(
        delivered + gaps >= all - lost,
        `${delivered} and ${gaps} in gaps of ${all}, ${lost} lost`,
      );
    }),
    300,
  );
});
