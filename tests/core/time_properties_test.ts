/** Time: publishing takes none from its readers, and no clock decides about order. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { EventBus } from "@locus/core";
import { readAll } from "../support/read.ts";
import { runAgainstModel } from "./properties/against_model.ts";
import { programs, smallBounds } from "./properties/program.ts";
import { check, settle } from "./properties/settings.ts";

const READERS = 1_000;

/** Buses on which a thousand wait or are stuck, in every way there is. */
const crowds: Record<string, (bus: EventBus) => void> = {
  "readers that do not read": (bus) => void bus.subscribe("r"),
  "readers that wait": (bus) => void bus.subscribe("r")[Symbol.asyncIterator]().next(),
  "readers of the stream that wait": (bus) => void bus.subscribe("r").getReader().read(),
  "readers of all runs that do not read": (bus) => void bus.subscribeGlobal(),
  "readers of other runs": (bus) => void bus.subscribe(`other-${Math.random()}`),
  "handlers that never finish": (bus) =>
    void bus.on("*", () => new Promise(() => {}), { run: "r", concurrency: 1 }),
};

for (const [name, join] of Object.entries(crowds)) {
  test(`I10 non-blocking: publishing costs the same with ${READERS} ${name} as with none`, async () => {
    const alone = new EventBus();
    const crowded = new EventBus({ maxGlobalSubscribers: READERS });
    for (let i = 0; i < READERS; i++) join(crowded);
    await settle();
    await assertSameCost(alone, crowded);
  });
}

test("I10 non-blocking: publishing costs the same with 5,000 runs retained as with one", async () => {
  const alone = new EventBus();
  const full = new EventBus({ maxRunsRetained: 10_000 });
  for (let run = 0; run < 5_000; run++) publish(full, `run-${run}`);
  await assertSameCost(alone, full);
});

test(`I10 non-blocking: ${READERS} readers that wait are not woken by publish() itself`, async () => {
  const bus = new EventBus();
  const readers = Array.from({ length: READERS }, () => bus.subscribe("r")[Symbol.asyncIterator]());
  let least = Infinity;
  for (let i = 0; i < 50; i++) {
    const waiting = readers.map((reader) => reader.next());
    const start = performance.now();
    publish(bus, "r");
    least = Math.min(least, performance.now() - start);
    await Promise.all(waiting);
  }
  // To settle a thousand promises takes longer than that, wherever this runs.
  assert(least < 0.02, `publishing took ${(least * 1000).toFixed(0)} µs at least`);
});

test("I10 non-blocking: publish() returns at once, before anybody is called or woken", async () => {
  const bus = new EventBus();
  let called = 0;
  bus.on("test.tick", () => void called++);
  bus.on("test.tick", () => void called++, { run: "r" });
  const reading = bus.subscribe("r")[Symbol.asyncIterator]().next().then(() => called++);
  await settle();
  for (let i = 0; i < 3; i++) assertEquals<unknown>(publish(bus, "r"), undefined);
  assertEquals<unknown>(bus.writer("r").write("test.tick", {}), undefined);
  assertEquals<unknown>(bus.closeStream("r"), undefined);
  assertEquals(called, 0);
  await reading;
  await settle();
  assertEquals(called, 9);
  bus.closeGlobal();
});

test("I16 clock: a clock that jumps, also back, changes neither order nor cursors", async () => {
  const jumps = fc.array(fc.integer({ min: -7_200_000, max: 7_200_000 }), { minLength: 1 });
  await check(fc.asyncProperty(programs(), smallBounds(), jumps, async (program, bounds, jumps) => {
    let time = 1_700_000_000_000;
    let reads = 0;
    await withClock(
      () => time += jumps[reads++ % jumps.length]!,
      () => runAgainstModel(program, bounds),
    );
  }));
});

test("I16 clock: events bear the time of the clock, in the order of publishing", async () => {
  const bus = new EventBus();
  const hour = 3_600_000;
  const times = [10 * hour, 9 * hour, 9 * hour + 1, 11 * hour];
  const reads = times.values();
  await withClock(() => reads.next().value ?? 0, () => {
    for (const _ of times) publish(bus, "r");
    return Promise.resolve();
  });
  bus.closeStream("r");
  const events = await readAll(bus.subscribe("r"));
  assertEquals(events.map(({ timestamp }) => Date.parse(timestamp)), times);
  assertEquals(events.map(({ event_id }) => event_id.split("-")[1]), ["1", "2", "3", "4"]);
});

function publish(bus: EventBus, run_id: string): void {
  bus.publish({ run_id, event_type: "test.tick", data: { n: 1, text: "some text" } });
}

async function withClock(now: () => number, body: () => Promise<void>): Promise<void> {
  const original = Date.now;
  Date.now = now;
  try {
    await body();
  } finally {
    Date.now = original;
  }
}

/**
 * Compares what publishing costs on two buses, in turns. Whatever else the machine does makes one or the other
 * look dear, so only what holds in none of many rounds counts.
 */
async function assertSameCost(alone: EventBus, crowded: EventBus): Promise<void> {
  const rounds: string[] = [];
  for (let round = 0; round < 8; round++) {
    const [base, cost] = [costsOf(alone), costsOf(crowded)];
    const median = cost[cost.length >> 1]! / base[base.length >> 1]!;
    const p99 = cost[Math.floor(cost.length * 0.99)]! / base[Math.floor(base.length * 0.99)]!;
    if (median <= 2 && p99 <= 10) return;
    rounds.push(`${median.toFixed(1)}× (p99 ${p99.toFixed(1)}×)`);
    await settle();
  }
  assert(false, `publishing costs more in every round: ${rounds.join(", ")}`);
}

/** What 40 publishes cost, 100 times, in order. */
function costsOf(bus: EventBus): number[] {
  const costs: number[] = [];
  for (let i = 0; i < 100; i++) {
    const start = performance.now();
    for (let n = 0; n < 40; n++) publish(bus, "r");
    // A clock that ticks coarsely may see no time at all.
    costs.push(Math.max(performance.now() - start, 0.005));
  }
  return costs.sort((a, b) => a - b);
}
