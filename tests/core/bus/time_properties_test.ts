/** Time: publishing takes none from its readers, and no clock decides about order. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { countSteps } from "../../harness/support/count_steps.ts";
import { readAll } from "../../harness/support/read.ts";
import { runAgainstModel } from "../properties/against_model.ts";
import { programs, smallBounds } from "../properties/program.ts";
import { check, settle } from "../properties/settings.ts";

const READERS = 1_000;
const PUBLISHES = 40;

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
  for (let i = 0; i < 3; i++) {
    const waiting = readers.map((reader) => reader.next());
    const steps = countSteps(() => publish(bus, "r"));
    assert(steps <= 5, `${steps} steps`);
    await Promise.all(waiting);
  }
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

/** Compares how many steps it takes to publish on two buses. */
async function assertSameCost(alone: EventBus, crowded: EventBus): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const [base, cost] = [costOf(alone), costOf(crowded)];
    // The first publish of a burst plans that those who wait are woken, all of them at once.
    assert(cost <= base + 5, `${cost} steps for ${PUBLISHES} publishes, ${base} with nobody there`);
    await settle();
  }
}

/** The steps of some publishes in a row. */
function costOf(bus: EventBus): number {
  return countSteps(() => {
    for (let n = 0; n < PUBLISHES; n++) publish(bus, "r");
  });
}
