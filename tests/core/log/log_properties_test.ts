/** What every reader is given, under any interleaving of publishing, reading, leaving, closing and dropping. */
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { type AnyEvent, readAll, readSome } from "../../harness/support/read.ts";
import { closedAt, endsOf, walkAll } from "../properties/laws.ts";
import { placeOf } from "../properties/driver.ts";
import { type Bounds, programs, smallBounds, type Weights, wide } from "../properties/program.ts";
import { type Race, race } from "../properties/race.ts";
import { check } from "../properties/settings.ts";

/** Checks `law` on what comes of random programs, within bounds that they run into. */
function checkRaces(
  weights: Weights,
  fixed: Partial<Bounds>,
  law: (race: Race) => void,
): Promise<void> {
  const bounds = smallBounds({ maxRunsRetained: 1_000, maxBytes: wide.maxBytes, ...fixed });
  return check(fc.asyncProperty(programs(weights), bounds, async (program, bounds) => {
    law(await race(program.map((op) => ({ op })), bounds));
  }));
}

test("I1 contiguity: every event is the next one, or a gap counts exactly what lies between", async () => {
  await checkRaces({}, {}, (race) => void walkAll(race));
});

test("I2 conservation: delivered events and gaps add up to all that was published", async () => {
  await checkRaces({ leave: 1, off: 1 }, {}, (race) => {
    for (const { who, from, to, delivered, missing, delivery } of walkAll(race)) {
      if (delivery.start.select !== undefined || !delivery.isComplete) continue;
      assertEquals(from + delivered + missing, to, who);
      assertEquals(to, closedAt(race, delivery), `${who} has had everything`);
    }
  });
});

test("I3 replay/live seam: where a reader joins, no event is lost and none is doubled", async () => {
  // What was published before anybody read all runs is in no log of them.
  const seams = { subscribe: 8, subscribeAll: 4, resume: 6, resumeAll: 0 };
  const weights = { ...seams, publish: 12, tick: 12, drop: 0 };
  await checkRaces(weights, wide, (race) => {
    for (const { who, from, delivered, missing, delivery } of walkAll(race)) {
      assertEquals(missing, 0, `${who} misses nothing`);
      if (delivery.start.select !== undefined || !delivery.isComplete) continue;
      assertEquals(from + delivered, closedAt(race, delivery), `${who} was given every event`);
    }
  });
});

test("I4 order: all readers agree, and the stream of all runs agrees with each of them", async () => {
  await checkRaces({ subscribeAll: 6, on: 6 }, {}, ({ driver }) => {
    const all = new Map<string, string>();
    const order = new Map(driver.published.map(({ n }, index) => [n, index]));
    const given = [
      ...driver.readers.map(({ events }) => events),
      ...driver.handlers.map(({ calls }) => calls),
    ];
    for (const events of given) {
      let last = -1;
      for (const event of events) {
        if (event.event_type === "bus.gap") continue;
        const index = order.get(event.data.n as number)!;
        assert(index > last, "events come in the order of publishing, of every run and of all");
        last = index;
        const text = JSON.stringify(event);
        assertEquals(all.get(event.event_id) ?? text, text, "an id stands for one event");
        all.set(event.event_id, text);
      }
    }
  });
});

test("I7 close reaches: every reader ends, once, after its last event, however far it lags", async () => {
  const weights = { close: 5, handOver: 0, leave: 0, off: 0, read: 6 };
  await checkRaces(weights, { maxQueueSize: 2 }, (race) => {
    const { readers } = race.driver;
    for (const reader of readers) {
      const { ended } = reader.subscription;
      assert(ended === "closed" || ended === "rejected", `it ended by being ${ended}`);
      assertEquals(reader.asked, 0, "no request waits");
      assertMatch(endsOf(reader), /^e*\.+$/);
    }
    for (const { who, to, delivery } of walkAll(race)) {
      if (!delivery.isComplete || delivery.start.select !== undefined) continue;
      assertEquals(to, closedAt(race, delivery), who);
    }
    assertEquals(race.driver.bus.stats().active_runs, 0);
    assertEquals(race.driver.listeners.total, 0);
  });
});

test("I14 resume idempotence: what came before a cursor and what comes after it are the whole", async () => {
  const counts = fc.integer({ min: 0, max: 30 });
  await check(fc.asyncProperty(counts, counts, counts, async (before, taken, after) => {
    const bus = new EventBus();
    const publish = (from: number, to: number) => {
      for (let n = from; n <= to; n++) {
        bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
      }
    };
    publish(1, before);
    const reader = bus.subscribe("r");
    const prefix = await readSome(reader, Math.min(taken, before));
    publish(before + 1, before + after);
    const rest = bus.subscribe("r", { after: reader.cursor });
    bus.closeStream("r");
    const whole = [...prefix, ...await readAll(rest)];
    assertEquals(rest.recovery, "exact");
    assertEquals(whole.map(({ data }) => data.n), Array.from(whole, (_, i) => i + 1));
    assertEquals(whole.length, before + after);
  }));
});

test("I14 resume idempotence: within any bounds, a gap stands for what was not held any more", async () => {
  const counts = fc.integer({ min: 0, max: 30 });
  const bounds = fc.integer({ min: 1, max: 12 });
  await check(fc.asyncProperty(
    fc.record({ before: counts, taken: counts, after: counts }),
    fc.record({ historyPerRun: bounds, maxQueueSize: bounds }),
    async ({ before, taken, after }, options) => {
      const bus = new EventBus(options);
      const publish = (count: number) => {
        for (let i = 0; i < count; i++) {
          bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
        }
      };
      publish(before);
      const reader = bus.subscribe("r");
      const [pending = 0] = bus.stats().queue_depths.r ?? [];
      const prefix = await readSome(reader, Math.min(taken, pending));
      publish(after);
      const rest = bus.subscribe("r", { after: reader.cursor });
      const held = bus.history({ run: "r" }).length;
      await reader.cancel();
      bus.closeStream("r");
      // Whoever never had an event resumes from an epoch that may be forgotten.
      if (before + after === 0) return;
      const whole = [...prefix, ...await readAll(rest)];
      let last = 0;
      for (const event of whole) {
        const isGap = event.event_type === "bus.gap";
        const { seq } = placeOf(event.event_id);
        assertEquals(isGap ? event.data.from_seq : seq, last + 1);
        last = seq;
      }
      assertEquals(last, before + after, "nothing is lost silently");
      const isHeld = placeOf(reader.cursor).seq >= before + after - held;
      assertEquals(rest.recovery, isHeld ? "exact" : "gap");
    },
  ));
});

function numbersOf(events: readonly AnyEvent[]): unknown[] {
  return events.map(({ data }) => data.n);
}

test("I2 conservation: a read that is given up takes no event from the next reader", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const reader = subscription.getReader();
  const givenUp = reader.read().then(() => "read", () => "released");
  await null;
  reader.releaseLock();
  for (const n of [1, 2]) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  bus.closeStream("r");
  assertEquals(await givenUp, "released");
  assertEquals(numbersOf(await readAll(subscription)), [1, 2]);
});

test("I2 conservation: a next() that is left waiting takes no event from the next reader", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  const iterator = subscription.values({ preventCancel: true });
  const givenUp = iterator.next();
  await iterator.return?.();
  const reading = readAll(subscription);
  for (const n of [1, 2]) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  bus.closeStream("r");
  assertEquals((await givenUp).done, true);
  assertEquals(numbersOf(await reading), [1, 2]);
});

test("I7 close reaches: a reader that cancels while its signal aborts ends without an error", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  let cancelling: Promise<void> | undefined;
  abort.signal.addEventListener("abort", () => (cancelling = reader.cancel()));
  const reader = bus.subscribe("r", { signal: abort.signal }).getReader();
  const reading = reader.read();
  await null;
  abort.abort();
  await cancelling;
  assertEquals((await reading).done, true);
});
