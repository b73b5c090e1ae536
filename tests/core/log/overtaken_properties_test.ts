/** Readers that cannot keep up: what a publisher of any speed leaves them, in every way of reading. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus, type StreamEvent, type Subscription } from "@locus/core";
import type { AnyEvent } from "../../harness/support/read.ts";
import { check, settle } from "../properties/settings.ts";

/** Reads one event at a time. */
interface Taker {
  take(): Promise<AnyEvent | undefined>;
  leave(): unknown;
}

/** The ways of reading a subscription that take one event at a time. */
const ways: Record<string, (subscription: Subscription<StreamEvent>) => Taker> = {
  "for await"(subscription) {
    const iterator = subscription[Symbol.asyncIterator]();
    return {
      take: async () => (await iterator.next()).value as AnyEvent | undefined,
      leave: () => iterator.return?.(),
    };
  },
  "getReader()"(subscription) {
    const reader = subscription.getReader();
    return {
      take: async () => (await reader.read()).value as AnyEvent | undefined,
      leave: () => reader.cancel(),
    };
  },
  "batches({ maxEvents: 1 })"(subscription) {
    const batches = subscription.batches({ maxEvents: 1 });
    return {
      take: async () => (await batches.next()).value?.[0] as AnyEvent | undefined,
      leave: () => batches.return?.(),
    };
  },
  "pipeTo()"(subscription) {
    const abort = new AbortController();
    const queue = new Handed();
    const sink = new WritableStream<StreamEvent>({ write: (event) => queue.hand(event) }, {
      highWaterMark: 1,
    });
    subscription.pipeTo(sink, { signal: abort.signal }).catch(() => {});
    return { take: () => queue.take(), leave: () => abort.abort() };
  },
};

/** Hands over what comes, one at a time: whoever hands over an event waits until it is taken. */
class Handed {
  readonly #items: { event: AnyEvent; resolve(): void }[] = [];

  hand(event: StreamEvent): Promise<void> {
    return new Promise((resolve) => void this.#items.push({ event: event as AnyEvent, resolve }));
  }

  async take(): Promise<AnyEvent | undefined> {
    if (this.#items.length === 0) await settle();
    const item = this.#items.shift();
    item?.resolve();
    return item?.event;
  }
}

interface Bounds {
  readonly historyPerRun: number;
  readonly maxQueueSize: number;
  readonly maxBytes?: number;
}

/** What makes a reader of each kind: of a run, of all runs, by a handler. */
const readers: Record<string, (bus: EventBus) => Taker> = {
  ...Object.fromEntries(
    Object.entries(ways).flatMap(([name, open]) => [
      [`${name} of a run`, (bus: EventBus) => open(bus.subscribe("r"))],
      [`${name} of all runs`, (bus: EventBus) => open(bus.subscribeGlobal())],
    ]),
  ),
  ...Object.fromEntries(
    [{ run: "r" }, {}].map((where) => [
      `a handler of ${"run" in where ? "a run" : "all runs"}`,
      (bus: EventBus): Taker => {
        const queue = new Handed();
        const hand = (event: StreamEvent) => queue.hand(event);
        const off = bus.on("*", hand, { ...where, concurrency: 1, onGap: hand });
        return { take: () => queue.take(), leave: off };
      },
    ]),
  ),
};

/** Publishes `rate` events before each that is taken; the events and gaps that were taken after `overtakenBy`. */
async function follow(
  open: (bus: EventBus) => Taker,
  bounds: Bounds,
  { overtakenBy, rate, steps }: { overtakenBy: number; rate: number; steps: number },
): Promise<AnyEvent[]> {
  const bus = new EventBus({ ...bounds, onError() {} });
  const taker = open(bus);
  let n = 0;
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) {
      bus.publish({ run_id: "r", event_type: "test.tick", data: { n: ++n } });
    }
  };
  publish(overtakenBy);
  const taken: AnyEvent[] = [];
  for (let step = 0; step < steps; step++) {
    publish(rate);
    const event = await taker.take();
    if (event !== undefined) taken.push(event);
  }
  await taker.leave();
  return taken;
}

/** How many events were taken before the first gap, between each two, and after the last. */
function eventsBetweenGaps(taken: readonly AnyEvent[]): number[] {
  const counts = [0];
  for (const { event_type } of taken) {
    if (event_type === "bus.gap") counts.push(0);
    else counts[counts.length - 1]!++;
  }
  return counts;
}

for (const [name, open] of Object.entries(readers)) {
  test(`B6: ${name}, once overtaken, keeps up with a publisher that is exactly as fast`, async () => {
    const steps = 300;
    const bounds = { historyPerRun: 4, maxQueueSize: 8 };
    const taken = await follow(open, bounds, { overtakenBy: 50, rate: 1, steps });
    const counts = eventsBetweenGaps(taken);
    assert(counts.length <= 4, `it was given ${counts.length - 1} gaps`);
    assert(counts.at(-1)! > steps - 20, `it was given ${counts.at(-1)} events after the last gap`);
  });
}

test("B6: between two gaps an overtaken reader is given events, as many as its room holds at least", async () => {
  await check(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(readers)),
      fc.record({ historyPerRun: fc.integer({ min: 1, max: 24 }), maxQueueSize: fc.nat(23) }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(60),
      async (name, { historyPerRun, maxQueueSize: more }, rate, overtakenBy) => {
        const maxQueueSize = more + 1;
        const bounds = { historyPerRun, maxQueueSize };
        const taken = await follow(readers[name]!, bounds, { overtakenBy, rate, steps: 80 });
        const [, ...between] = eventsBetweenGaps(taken).slice(0, -1);
        for (const [index, count] of between.entries()) {
          assert(count >= 1, `gap ${index + 2} follows a gap`);
          // From the second on, a gap leaves half of what may be pending; each event costs rate - 1 of it.
          const room = Math.floor(maxQueueSize / 2) - 1;
          const least = rate === 1 ? Infinity : Math.floor(room / (rate - 1));
          if (index > 0 && maxQueueSize > 1) assert(count >= least, `${count} of ${least} events`);
        }
      },
    ),
    300,
  );
});

test("B6: a reader of a long history is overtaken by its end, and given events all the same", async () => {
  for (const [name, open] of Object.entries(ways)) {
    const bus = new EventBus({ historyPerRun: 20, maxQueueSize: 4, onError() {} });
    let n = 0;
    const publish = () => bus.publish({ run_id: "r", event_type: "test.tick", data: { n: ++n } });
    for (let i = 0; i < 40; i++) publish();
    const taker = open(bus.subscribe("r"));
    const taken: AnyEvent[] = [];
    for (let step = 0; step < 200; step++) {
      publish();
      const event = await taker.take();
      if (event !== undefined) taken.push(event);
    }
    await taker.leave();
    const counts = eventsBetweenGaps(taken);
    assert(counts.length <= 4, `${name}: ${counts.length - 1} gaps`);
    assert(counts.at(-1)! > 150, `${name}: ${counts.at(-1)} events after the last`);
  }
});

test("B6: where memory is short, an overtaken reader is given events too", async () => {
  const bus = new EventBus({ maxBytes: 2_000, onError() {} });
  const taker = ways["for await"]!(bus.subscribe("r"));
  const publish = () => {
    const data = { text: "x".repeat(200) };
    bus.publish({ run_id: "r", event_type: "test.tick", data });
  };
  for (let i = 0; i < 40; i++) publish();
  const taken: AnyEvent[] = [];
  for (let step = 0; step < 100; step++) {
    publish();
    taken.push((await taker.take())!);
  }
  await taker.leave();
  const counts = eventsBetweenGaps(taken);
  assert(counts.length <= 4 && counts.at(-1)! > 80, `${counts}`);
});

test("B6: a reader that selects is given what it selects between two gaps", async () => {
  const bus = new EventBus({ historyPerRun: 4, maxQueueSize: 8, onError() {} });
  const iterator = bus.subscribe("r", { select: "test.wanted" })[Symbol.asyncIterator]();
  const taken: AnyEvent[] = [];
  for (let step = 0; step < 60; step++) {
    for (let i = 0; i < 30; i++) {
      const event_type = i % 2 === 0 ? "test.wanted" : "test.other";
      bus.publish({ run_id: "r", event_type, data: {} });
    }
    taken.push((await iterator.next()).value as AnyEvent);
  }
  await iterator.return?.();
  const [, ...between] = eventsBetweenGaps(taken);
  assert(between.length > 20 && between.slice(0, -1).every((count) => count >= 1), `${between}`);
});

test("B6: a single burst costs a reader no more than what no longer fits", async () => {
  const bus = new EventBus({ historyPerRun: 4, maxQueueSize: 8 });
  const subscription = bus.subscribe("r");
  for (let n = 1; n <= 10; n++) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  }
  const { value } = await subscription.batches().next();
  assertEquals((value?.[0]?.data as { count?: number }).count, 2);
  assertEquals(value?.length, 9);
  await subscription.cancel().catch(() => {});
});

test("B6: what is dropped on request is not delivered after a gap either", async () => {
  const bus = new EventBus({ historyPerRun: 2, maxQueueSize: 2 });
  const iterator = bus.subscribe("r")[Symbol.asyncIterator]();
  const publish = (n: number) => bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  for (let n = 1; n <= 5; n++) publish(n);
  assertEquals(((await iterator.next()).value as AnyEvent).data.to_seq, 3);
  bus.dropHistory("r");
  publish(6);
  const seen = [(await iterator.next()).value, (await iterator.next()).value] as AnyEvent[];
  assertEquals(seen[0]!.data, { from_seq: 4, to_seq: 5, count: 2, reason: "evicted" });
  assertEquals(seen[1]!.data, { n: 6 });
  await iterator.return?.();
});
