/**
 * Random handlers that publish, wait, throw and come and go, in random interleavings: every publish ends,
 * every handler is called exactly as often as it must be, and never too many at a time.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { CoordinationBus, type CoordinationEvent } from "@locus/core/coordination";
import { check } from "../core/properties/settings.ts";

const types = ["custom", "goal_achieved", "stream_started"] as const;
const nodes = ["a", "b"] as const;

interface Message {
  readonly type: typeof types[number];
  readonly node: typeof nodes[number] | undefined;
}

/** What a handler does, one after another. */
type Step =
  | { step: "pause" }
  | { step: "publish"; what: Message; wait: boolean }
  | { step: "throw" };

interface Listener {
  readonly types: readonly typeof types[number][];
  readonly node: typeof nodes[number] | undefined;
  readonly steps: readonly Step[];
  /** Whether it is taken away at some time. */
  readonly leaves: boolean;
}

interface Program {
  readonly limit: number;
  readonly listeners: readonly Listener[];
  readonly publishes: readonly Message[];
}

const type = fc.constantFrom(...types);
const node = fc.constantFrom(undefined, ...nodes);
const message: fc.Arbitrary<Message> = fc.record({ type, node });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ step: "pause" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant("publish" as const),
      what: message,
      wait: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ step: "throw" as const }) },
);

const listener: fc.Arbitrary<Listener> = fc.record({
  types: fc.subarray([...types], { minLength: 1 }),
  node,
  steps: fc.array(step, { maxLength: 4 }),
  leaves: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const program: fc.Arbitrary<Program> = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  listeners: fc.array(listener, { minLength: 1, maxLength: 5 }),
  publishes: fc.array(message, { minLength: 1, maxLength: 6 }),
});

// Handlers that publish to themselves would never end.
const MAX_EVENTS = 60;

/** A publish, and how often it called whom. */
interface Published {
  readonly expected: readonly number[];
  readonly calls: number[];
  isDone: boolean;
}

/** Lets everything happen that the scheduler holds, and all that waits for nothing but promises. */
async function quiet(s: fc.Scheduler): Promise<void> {
  do {
    await s.waitIdle();
    await new Promise((resolve) => setTimeout(resolve, 0));
  } while (s.count() > 0);
}

async function run({ limit, listeners, publishes }: Program, s: fc.Scheduler): Promise<void> {
  let [failures, expectedFailures, running, nestedUnfinished] = [0, 0, 0, 0];
  const bus = new CoordinationBus({ maxConcurrentHandlers: limit, onError: () => void failures++ });
  const present = new Set(listeners.keys());
  const published: Published[] = [];

  const publish = async ({ type, node }: Message, isNested: boolean): Promise<void> => {
    if (published.length >= MAX_EVENTS) return;
    const expected = [...present].filter((index) => {
      const listener = listeners[index]!;
      return listener.types.includes(type) && [undefined, node].includes(listener.node);
    });
    const entry: Published = { expected, calls: [], isDone: false };
    const n = published.push(entry) - 1;
    if (isNested) nestedUnfinished++;
    await bus.publish({ type, stream_id: "s", node_id: node, data: { n } });
    if (isNested) nestedUnfinished--;
    entry.isDone = true;
    assertEquals(
      entry.calls.filter((index) => present.has(index)).toSorted(),
      expected.filter((index) => present.has(index)),
      "every handler was called once before publish() resolved",
    );
  };

  const handle = async (index: number, event: CoordinationEvent): Promise<void> => {
    assert(present.has(index), "no call begins after the undo");
    running++;
    assert(
      running <= limit + nestedUnfinished,
      `${running} handlers run under a limit of ${limit}`,
    );
    published[(event.data as { n: number }).n]!.calls.push(index);
    try {
      for (const step of listeners[index]!.steps) {
        if (step.step === "pause") await s.schedule(Promise.resolve());
        else if (step.step === "throw") throw new Error("as written");
        else if (step.wait) await publish(step.what, true);
        else publish(step.what, true).catch(report);
      }
    } catch (error) {
      if (error instanceof Error && error.message === "as written") expectedFailures++;
      else report(error);
      throw error;
    } finally {
      running--;
    }
  };

  const problems: unknown[] = [];
  const report = (error: unknown) => void problems.push(error);

  for (const [index, { types, node, leaves }] of listeners.entries()) {
    const off = bus.subscribe({ types, node, handler: (event) => handle(index, event) });
    if (!leaves) continue;
    s.schedule(Promise.resolve()).then(() => {
      present.delete(index);
      off();
    });
  }
  for (const message of publishes) {
    s.schedule(Promise.resolve()).then(() => publish(message, false)).catch(report);
  }
  await quiet(s);
  if (problems.length > 0) throw problems[0];
  assert(published.every(({ isDone }) => isDone), "every publish has ended: nothing blocks");
  for (const { calls, expected } of published) {
    assertEquals(new Set(calls).size, calls.length, "nobody was called twice");
    assert(calls.every((index) => expected.includes(index)), "nobody else was called");
  }
  assertEquals([running, nestedUnfinished, failures], [0, 0, expectedFailures]);
}

test("Publishes end, handlers are called once, and the limit holds, under any interleaving", async () => {
  await check(fc.asyncProperty(program, fc.scheduler(), run));
});

test("Without nesting, handlers run as many at a time as the limit allows, and no more", async () => {
  const calls = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  const property = async (limit: number, events: number[], s: fc.Scheduler) => {
    const bus = new CoordinationBus({ maxConcurrentHandlers: limit });
    let [running, begun] = [0, 0];
    const total = events.reduce((sum, handlers) => sum + handlers, 0);
    for (const [index, handlers] of events.entries()) {
      for (let i = 0; i < handlers; i++) {
        bus.subscribe({
          node: `n${index}`,
          handler: async () => {
            running++;
            begun++;
            await s.schedule(Promise.resolve());
            assertEquals(running, Math.min(limit, total - begun + running), "every place is used");
            running--;
          },
        });
      }
    }
    const publishes = events.map((_, index) => bus.stream("s").node(`n${index}`).publish("custom"));
    let isDone = false;
    const done = Promise.all(publishes).then(() => (isDone = true));
    await quiet(s);
    assert(isDone);
    await done;
    assertEquals([running, begun], [0, total]);
  };
  await check(fc.asyncProperty(fc.integer({ min: 1, max: 6 }), calls, fc.scheduler(), property));
});

test("The history is the last events, whatever is asked of it", async () => {
  const ids = fc.constantFrom(undefined, "x", "y");
  const event = fc.record({ type, node: ids, execution: ids, correlation: ids });
  const property = async (
    maxHistory: number,
    events: { type: Message["type"]; node?: string; execution?: string; correlation?: string }[],
    query: { type?: Message["type"]; node?: string; execution?: string; correlation?: string },
    limit: number | undefined,
  ) => {
    const bus = new CoordinationBus({ maxHistory });
    for (const [n, { type, node, execution, correlation }] of events.entries()) {
      await bus.publish({
        type,
        stream_id: "s",
        node_id: node,
        execution_id: execution,
        correlation_id: correlation,
        data: { n },
      });
    }
    const keys = Object.keys(query) as (keyof typeof query)[];
    const wanted = [...events.entries()].slice(-maxHistory).reverse()
      .filter(([, event]) => keys.every((key) => !query[key] || query[key] === event[key]))
      .map(([n]) => n).slice(0, limit ?? 100);
    const found = bus.getHistory({ ...query, limit }).map(({ data }) => (data as { n: number }).n);
    assertEquals(found, wanted);
    assertEquals(bus.getStats().total_events, Math.min(events.length, maxHistory));
  };
  await check(fc.asyncProperty(
    fc.integer({ min: 1, max: 12 }),
    fc.array(event, { maxLength: 30 }),
    fc.record({
      type: fc.option(type, { nil: undefined }),
      node: ids,
      execution: ids,
      correlation: ids,
    }),
    fc.option(fc.nat(10), { nil: undefined }),
    property,
  ));
});
