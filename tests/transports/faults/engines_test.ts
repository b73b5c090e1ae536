/** The kinds of faults that were found in use, on real engines: what a random schedule would show some day. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { count, publish, readTo } from "../../contract/observe.ts";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { requires } from "../../harness/support/requires.ts";
import { until } from "../../harness/support/until.ts";
import type { World, Worlds } from "./world.ts";
import { natsWorlds } from "./worlds/nats.ts";
import { redisWorlds } from "./worlds/redis.ts";

const bounds = { historyPerRun: 1_000, maxQueueSize: 1_000, maxPendingEvents: 1_000 };
const engines: [string, () => Promise<Worlds>, { skip: string | false }][] = [
  ["Redis", redisWorlds, await requires("redis-server")],
  ["NATS", natsWorlds, await requires("nats-server")],
];

function onEngines(what: string, act: (world: World) => Promise<void>): void {
  for (const [name, createWorlds, needs] of engines) {
    test(`${what}: on ${name}`, needs, async () => {
      const worlds = await createWorlds();
      const world = await worlds.create({ bounds, onError: () => () => {} });
      try {
        await act(world);
      } finally {
        await world.end();
        await worlds.stop();
      }
    });
  }
}

/** What a reader of all runs is given, as it comes. */
async function follow({ processes }: World) {
  const events: AnyEvent[] = [];
  const subscription = processes[1]!.bus.subscribeGlobal();
  void (async () => {
    for await (const event of subscription) events.push(event as AnyEvent);
  })();
  await subscription.opened;
  const of = (run: string) => summarize(events.filter(({ run_id }) => run_id === run));
  return {
    of,
    has: (run: string, n: number) => until(`${n} of ${run}`, () => of(run).includes(n)),
  };
}

onEngines(
  "C1: a reader of all runs goes on after its link was cut, again and again",
  async (world) => {
    const [writer, reader] = world.processes;
    const all = await follow(world);
    for (const n of count(1, 10)) {
      publish(writer!.bus, "a", n);
      publish(writer!.bus, "b", n);
      if (n % 2 === 0) await reader!.cut("hears");
      await writer!.bus.flushed();
    }
    await all.has("a", 10);
    await all.has("b", 10);
    assertEquals([all.of("a"), all.of("b"), all.of("*")], [count(1, 10), count(1, 10), []]);
  },
);

onEngines("C1: a reader of all runs goes on after the store was started anew", async (world) => {
  const [writer] = world.processes;
  const all = await follow(world);
  publish(writer!.bus, "a", 1);
  await all.has("a", 1);
  await world.restart();
  publish(writer!.bus, "a", 2);
  publish(writer!.bus, "b", 1);
  await all.has("a", 2);
  await all.has("b", 1);
  assertEquals(all.of("a").filter((one) => typeof one === "number"), [1, 2]);
});

onEngines(
  "C2: runs that began while a reader of all runs was away are given to it",
  async (world) => {
    const [writer, reader] = world.processes;
    const all = await follow(world);
    publish(writer!.bus, "a", 1);
    await all.has("a", 1);
    await reader!.sever();
    for (const n of count(1, 20)) publish(writer!.bus, `new-${n}`, n);
    publish(writer!.bus, "a", 2);
    await writer!.bus.flushed();
    await reader!.mend();
    for (const n of count(1, 20)) await all.has(`new-${n}`, n);
    await all.has("a", 2);
    assertEquals([all.of("a"), all.of("*")], [[1, 2], []]);
  },
);

onEngines(
  "C5: a reader that goes on elsewhere after each event is given all of them, once",
  async (world) => {
    const buses = world.processes.map(({ bus }) => bus);
    const others = buses.map((bus) => readTo(bus.subscribe("r"), 300));
    let after: string | undefined;
    const seen: unknown[] = [];
    for (let n = 1; n <= 300; n++) {
      publish(buses[0]!, "r", n);
      const subscription = buses[n % buses.length]!.subscribe("r", { after });
      const events = await readTo(subscription, n);
      await subscription.cancel();
      seen.push(...summarize(events));
      after = events.at(-1)!.event_id;
    }
    assertEquals(seen, count(1, 300));
    for (const events of await Promise.all(others)) assertEquals(summarize(events), count(1, 300));
  },
);
