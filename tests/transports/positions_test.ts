/** Positions that one process gave out, and another one understands: of all runs, and of several. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { StreamEvent, Subscription } from "@locus/core";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus } from "@locus/core/transports/redis";
import type { RemoteBusOptions } from "../../src/transports/remote/remote_bus_options.ts";
import type { SharedBus } from "../../src/transports/remote/shared_bus.ts";
import { count, readAll, store } from "../contract/observe.ts";
import { type AnyEvent, readSome, summarize } from "../harness/support/read.ts";
import { requires, type SkipOptions } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";
import { createRemoteBus } from "./create_remote_bus.ts";
import { MemoryEngine } from "./memory_engine.ts";
import { connectTo, deleteStream, newPrefix } from "./nats/connections.ts";
import { natsUrl } from "./nats/server.ts";
import { clean, clientKinds } from "./redis/clients.ts";
import { redisUrl } from "./redis/server.ts";

/** A store, and what has to be done with it. */
interface Shared {
  /** Another process. */
  open(options?: RemoteBusOptions): Promise<SharedBus>;
  /** Has the store forget everything. */
  wipe(): Promise<unknown>;
  end(): Promise<unknown>;
}

const engines: readonly {
  readonly name: string;
  readonly needs: SkipOptions;
  /** Whether a gap of the run `*` counts events, not messages of several. */
  readonly isExact: boolean;
  readonly create: () => Promise<Shared>;
}[] = [
  { name: "memory", needs: { skip: false }, isExact: true, create: onMemory },
  { name: "Redis", needs: await requires("redis"), isExact: true, create: onRedis },
  { name: "NATS", needs: await requires("nats"), isExact: false, create: onNats },
];

for (const { name, needs, isExact, create } of engines) {
  const onEach = (
    what: string,
    act: (shared: Shared & { here: SharedBus; there: SharedBus }) => Promise<void>,
    options?: RemoteBusOptions,
  ) =>
    test(`${name}: ${what}`, needs, async () => {
      const shared = await create();
      const [here, there] = [await shared.open(options), await shared.open(options)];
      try {
        await act({ ...shared, here, there });
      } finally {
        await Promise.all([here.close({ timeoutMs: 100 }), there.close({ timeoutMs: 100 })]);
        await shared.end();
      }
    });

  onEach("a reader of all runs goes on at another process, and back", async ({ here, there }) => {
    const first = here.subscribeGlobal();
    await first.opened;
    await store(here, "a", 1, 2);
    await store(there, "b", 3);
    // In the middle of what was stored at once.
    assertEquals(summarize(await readSome(first, 1)), [1]);
    await store(there, "a", 4, 5);
    const second = await resumed(there, await leave(first));
    assertEquals(second.recovery, "exact");
    assertEquals(summarize(await readSome(second, 3)), [2, 3, 4]);
    await store(here, "c", 6);
    const third = await resumed(here, await leave(second));
    assertEquals(summarize(await readSome(third, 2)), [5, 6]);
    await store(there, "d", 7);
    assertEquals(summarize(await readSome(third, 1)), [7]);
    await third.cancel();
  });

  onEach("a reader of all runs is told how much is gone behind its position", async (place) => {
    const { here, there } = place;
    const first = here.subscribeGlobal();
    await first.opened;
    await store(here, "a", 1);
    await readSome(first, 1);
    for (const n of count(2, 9)) await store(here, `r${n}`, n);
    const second = await resumed(there, await leave(first));
    assertEquals(second.recovery, "gap");
    const [gap, ...events] = await readSome(second, 4);
    assertEquals(summarize(events), [7, 8, 9]);
    const { count: lost, reason } = gap!.data as { count: number; reason: string };
    assertEquals([gap!.run_id, lost, reason], ["*", 5, "evicted"]);
    await second.cancel();
  }, { maxQueueSize: 3 });

  onEach("a reader of all runs that lagged is told at least of how many batches", async (place) => {
    const { here, there } = place;
    const subscription = there.subscribeGlobal();
    await subscription.opened;
    for (const n of count(0, 4)) await store(here, `r${n}`, ...count(10 * n, 10 * n + 4));
    const follower = here.subscribeGlobal({ after: subscription.cursor });
    const last = (event: AnyEvent) => event.data.n === 44;
    await readUntil(follower, last);
    let told = 0;
    for (const { event_type, data } of await readUntil(subscription, last)) {
      told += event_type === "bus.gap" ? data.count as number : 1;
    }
    if (isExact) assertEquals(told, 25);
    else assert(told >= 5 && told <= 25, `${told}`);
    for (const reader of [subscription, follower]) await reader.cancel();
  }, { maxQueueSize: 3 });

  onEach("after a wipe, positions are of another epoch", async ({ here, there, wipe }) => {
    const [all, several] = [here.subscribeGlobal(), here.subscribe(["a", "b"])];
    await Promise.all([all.opened, several.opened]);
    await store(here, "a", 1);
    await readSome(all, 1);
    await readSome(several, 1);
    const positions = [await leave(all), await leave(several)];
    await wipe();
    await stored(there, "a", 2);
    const allAgain = await resumed(there, positions[0]!);
    assertEquals(allAgain.recovery, "restarted");
    const told = await readSome(allAgain, 2);
    assertEquals([told[0]!.run_id, told[0]!.data.reason, told[1]!.data.n], ["*", "new_epoch", 2]);
    const again = there.subscribe(["a", "b"], { after: positions[1] });
    await again.opened;
    // Also of a run that the store has nothing of: its position will not mean anything any more.
    const events = await readSome(again, 3);
    assertEquals(again.recovery, "restarted");
    assertEquals(events.map((event) => [event.run_id, event.data.reason ?? event.data.n]).sort(), [
      ["a", 2],
      ["a", "new_epoch"],
      ["b", "new_epoch"],
    ]);
    for (const reader of [allAgain, again]) await reader.cancel();
  });

  onEach("a reader of several runs goes on at another process, and back", async (place) => {
    const { here, there } = place;
    const runs = ["a", "b", "c"];
    await store(here, "a", 1);
    await store(here, "b", 2);
    await store(here, "c", 3);
    const first = here.subscribe(runs);
    assertEquals(summarize(await readSome(first, 2)), [1, 2]);
    await store(there, "a", 4, 5);
    await store(here, "b", 6);
    const second = there.subscribe(runs, { after: await leave(first) });
    await second.opened;
    assertEquals(second.recovery, "exact");
    assertEquals(summarize(await readSome(second, 2)), [3, 4]);
    await store(there, "c", 7);
    const third = here.subscribe(runs, { after: await leave(second) });
    assertEquals(summarize(await readSome(third, 3)), [5, 6, 7]);
    for (const n of count(8, 30)) await store(n % 2 ? here : there, runs[n % 3]!, n);
    assertEquals(summarize(await readSome(third, 23)), count(8, 30));
    for (const run of runs) here.closeStream(run);
    assertEquals(await readAll(third), []);
    assertEquals(third.ended, "closed");
  });
}

test("A reader of several runs waits for what may come before, and says so by no gap", async () => {
  const engine = new MemoryEngine();
  const [here, there] = [createRemoteBus(engine), createRemoteBus(engine)];
  const [, link] = [...engine.stores];
  const subscription = there.subscribe(["a", "b"]);
  await subscription.opened;
  link!.hear("late");
  await store(here, "a", 1);
  await store(here, "b", 2);
  // Somebody has the run looked at, although nothing was heard of either.
  const other = there.subscribe("b", { after: "x-1" });
  await other.opened;
  assertEquals(summarize(await readSome(subscription, 2)), [1, 2]);
  for (const bus of [here, there]) await bus.end(100);
});

test("A reader of several runs ends when one begins anew, and goes on after its position", async () => {
  const engine = new MemoryEngine();
  const [here, there] = [createRemoteBus(engine), createRemoteBus(engine)];
  const first = there.subscribe(["a", "b"]);
  await store(here, "a", 1);
  await store(here, "b", 2);
  assertEquals(summarize(await readSome(first, 2)), [1, 2]);
  engine.evict("a", "run");
  await store(here, "c", 3);
  await store(here, "a", 4);
  assertEquals(await readAll(first), []);
  assertEquals(first.ended, "evicted");
  const second = there.subscribe(["a", "b"], { after: first.cursor });
  await store(here, "b", 5);
  assertEquals(
    summarize(await readSome(second, 3)),
    ["gap:new_epoch 1-0", 4, 5],
  );
  for (const bus of [here, there]) await bus.end(100);
});

/** What a reader is given, up to such an event. */
async function readUntil(
  subscription: Subscription<StreamEvent>,
  isLast: (event: AnyEvent) => boolean,
): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  while (events.length === 0 || !isLast(events.at(-1)!)) {
    events.push(...await readSome(subscription, 1));
  }
  return events;
}

/** Leaves, and says where. */
async function leave(subscription: Subscription<StreamEvent>): Promise<string> {
  await subscription.cancel();
  return subscription.cursor;
}

async function resumed(bus: SharedBus, after: string): Promise<Subscription<StreamEvent>> {
  const subscription = bus.subscribeGlobal({ after });
  await subscription.opened;
  return subscription;
}

/** Stores an event when the store can do that again. */
async function stored(bus: SharedBus, run: string, n: number): Promise<void> {
  bus.publish({ run_id: run, event_type: "test.tick", data: { n } });
  await bus.flushed();
  await until("the event is there", async () => {
    const events: readonly unknown[] = await bus.history({ run });
    return (events as AnyEvent[]).some(({ data }) => data.n === n);
  });
}

function onMemory(): Promise<Shared> {
  const engine = new MemoryEngine({ maxOrder: 3 });
  return Promise.resolve({
    open: (options) => Promise.resolve(createRemoteBus(engine, options)),
    wipe: () => Promise.resolve(engine.flush()),
    end: () => Promise.resolve(),
  });
}

async function onRedis(): Promise<Shared> {
  const connected = await clientKinds[0]!.connect(await redisUrl());
  const prefix = `locus-test-${crypto.randomUUID().slice(0, 8)}`;
  const { client } = connected;
  return {
    open: (options) => Promise.resolve(redisBus({ client, prefix, onError() {}, ...options })),
    wipe: () => clean(connected, prefix),
    end: async () => {
      await clean(connected, prefix);
      await connected.close();
    },
  };
}

async function onNats(): Promise<Shared> {
  const connection = await connectTo(await natsUrl());
  const prefix = newPrefix();
  return {
    open: (options) => Promise.resolve(natsBus({ connection, prefix, onError() {}, ...options })),
    wipe: () => deleteStream(connection, prefix),
    end: async () => {
      await deleteStream(connection, prefix);
      await connection.close();
    },
  };
}
