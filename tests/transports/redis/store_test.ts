/** What the bus leaves in Redis, and what it makes of what others leave there. */
import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { SharedBus } from "../../../src/transports/redis.ts";
import { redisBus, type RedisBusOptions } from "../../../src/transports/redis.ts";
import { historyOf, publish, readAll, readTo } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { requires } from "../../harness/support/requires.ts";
import { until } from "../../harness/support/until.ts";
import { clean, type ConnectedClient, connectNodeRedis, keysOf } from "./clients.ts";
import { redisUrl } from "./server.ts";

const needs = await requires("redis");
const url = needs.skip === false ? await redisUrl() : "";

interface Place {
  /** One process, or another one. */
  open(options?: Partial<RedisBusOptions>): SharedBus;
  readonly errors: Error[];
  readonly prefix: string;
  readonly send: ConnectedClient["send"];
}

function withRedis(what: string, act: (place: Place) => Promise<void>): void {
  test(`redisBus() ${what}`, needs, async () => {
    const own = await connectNodeRedis(url);
    const prefix = `locus-test-${crypto.randomUUID().slice(0, 8)}`;
    const buses: SharedBus[] = [];
    const errors: Error[] = [];
    try {
      await act({
        prefix,
        errors,
        send: own.send,
        open(options) {
          const onError = (error: Error) => void errors.push(error);
          const bus = redisBus({ client: own.client, prefix, onError, ...options });
          buses.push(bus);
          return bus;
        },
      });
    } finally {
      for (const bus of buses) await bus.close({ timeoutMs: 100 });
      await clean(own, prefix);
      await own.close();
    }
  });
}

withRedis("shares runs between processes, live", async ({ open }) => {
  const [writer, reader] = [open(), open()];
  const subscription = reader.subscribe("r");
  publish(writer, "r", 1, 2);
  assertEquals(summarize(await readTo(subscription, 2)), [1, 2]);
  publish(reader, "r", 3);
  writer.closeStream("r");
  await until("it is closed", async () => (await reader.runs())[0]?.closed === true);
  const all = summarize(await readAll(writer.subscribe("r")));
  assertEquals(all, [1, 2, 3]);
});

withRedis("gives all runs of all processes to who reads them all", async ({ open }) => {
  const [writer, reader] = [open(), open()];
  const subscription = reader.subscribeGlobal();
  await subscription.opened;
  publish(writer, "a", 1);
  publish(writer, "b", 2);
  const seen: unknown[] = [];
  for await (const { run_id } of subscription) if (seen.push(run_id) === 2) break;
  assertEquals(seen.sort(), ["a", "b"]);
});

withRedis("keeps exactly the history", async ({ open, send, prefix }) => {
  const bus = open({ historyPerRun: 5 });
  publish(bus, "r", ...Array.from({ length: 600 }, (_, i) => i + 1));
  await bus.flushed();
  assertEquals(await send("LLEN", `${prefix}:e:r`), 5);
  const [gap, ...rest] = await readTo(bus.subscribe("r"), 600);
  assertEquals(summarize([gap!]), ["gap:evicted 1-595"]);
  assertEquals(rest.length, 5);
});

withRedis("lets nothing stay for ever", async ({ open, send, prefix }) => {
  const bus = open({ retentionMs: 60_000 });
  publish(bus, "r", 1);
  bus.closeStream("r");
  await bus.flushed();
  const keys = await keysOf(send, prefix);
  assertEquals(keys.length, 5);
  for (const key of keys) {
    const left = Number(await send("PTTL", key));
    assert(left > 0 && left <= 60_600, `${key} stays for ${left} ms`);
  }
});

withRedis("lets nothing stay for ever that was gone for a moment", async (place) => {
  const { open, send, prefix } = place;
  const bus = open({ retentionMs: 60_000 });
  for (const key of ["m:r", "e:r", "r", "o"]) {
    publish(bus, "r", 1);
    await bus.flushed();
    await send("DEL", `${prefix}:${key}`);
    publish(bus, "r", 2);
    await bus.flushed();
    for (const left of await keysOf(send, prefix)) {
      assert(Number(await send("PTTL", left)) > 0, `${left} stays, after ${key} was gone`);
    }
  }
});

withRedis("keeps a run for as long as something happens to it", async ({ open, send, prefix }) => {
  const bus = open({ retentionMs: 60_000 });
  const left = () => send("PTTL", `${prefix}:e:r`).then(Number);
  publish(bus, "r", 1);
  await bus.flushed();
  await send("PEXPIRE", `${prefix}:e:r`, "30000");
  publish(bus, "r", 2);
  await bus.flushed();
  assert(await left() <= 30_000, "it is said anew with each event");
  // As if it had been said a while ago, and by a clock that was ahead.
  for (const touched of [Date.now() - 601, Date.now() + 100_000]) {
    await send("PEXPIRE", `${prefix}:e:r`, "30000");
    await send("HSET", `${prefix}:m:r`, "touched", String(touched));
    publish(bus, "r", 3);
    await bus.flushed();
    assert(await left() > 59_000);
  }
});

withRedis("forgets a run whose time is over", async ({ open }) => {
  const bus = open({ retentionMs: 1 });
  publish(bus, "r", 1);
  await bus.flushed();
  await until("it is forgotten", async () => (await bus.runs()).length === 0);
});

withRedis("evicts closed runs first, and never one that another process reads", async (place) => {
  const [bus, other] = [place.open({ maxRunsRetained: 3 }), place.open({ maxRunsRetained: 3 })];
  const reading = other.subscribe("watched");
  publish(bus, "watched", 1);
  await readTo(reading, 1);
  for (const run of ["old", "closed", "new"]) {
    publish(bus, run, 1);
    if (run === "closed") bus.closeStream(run);
    await bus.flushed();
  }
  const names = async () => (await bus.runs()).map(({ run_id }) => run_id).sort();
  assertEquals(await names(), ["new", "old", "watched"]);
  publish(bus, "newer", 1);
  await bus.flushed();
  assertEquals(await names(), ["new", "newer", "watched"]);
});

withRedis("skips and counts what others have put into a stream", async (place) => {
  const { open, send, prefix, errors } = place;
  const bus = open();
  publish(bus, "r", 1);
  await bus.flushed();
  const before = open();
  const live = before.subscribe("r");
  await readTo(live, 1);
  // As if it were one of ours, with every kind of content that cannot be.
  const contents = [
    "",
    "no event",
    "bus.end 1 {}",
    "test.tick x {}",
    "test.tick 1 {",
    "test.tick 1 null",
    "test.tick 1e99 {}",
  ];
  const entries = [
    ...contents.map((text, i) => `${i + 2}-${i + 2} ${text}`),
    // Without a number in the order of all runs, with one that was not given yet, and without any.
    `${contents.length + 2}-0 test.tick 1 {}`,
    `${contents.length + 3}-999999999999999 test.tick 1 {}`,
    "test.tick 1 {}",
  ];
  await send("RPUSH", `${prefix}:e:r`, ...entries);
  await send("HSET", `${prefix}:m:r`, "head", String(entries.length + 1));
  publish(bus, "r", 10);
  const all = summarize([...await readTo(live, 10)]);
  assertEquals(all.at(-1), 10);
  assertEquals(all.slice(0, -1).every((one) => String(one).startsWith("gap:")), true);
  assertEquals(before.stats().placeholders_total, contents.length);
  assert(errors.length > 0);
});

withRedis("does not fetch what is too large to be one of ours", async ({ open, send, prefix }) => {
  const bus = open({ maxEventBytes: 1_000 });
  publish(bus, "r", 1);
  await bus.flushed();
  await send("RPUSH", `${prefix}:e:r`, `2-2 test.tick 1 {"x":"${"x".repeat(2_000_000)}"}`);
  await send("HSET", `${prefix}:m:r`, "head", "2");
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1, "gap:evicted 2-2"]);
});

withRedis("goes on where others have destroyed what it had", async ({ open, send, prefix }) => {
  const bus = open();
  const broken: (() => Promise<unknown>)[] = [
    () => send("SET", `${prefix}:e:r`, "x"),
    () => send("RPUSH", `${prefix}:e:r`, "99999-0 x"),
    () => send("SET", `${prefix}:m:r`, "x"),
    () => send("HSET", `${prefix}:m:r`, "head", "many"),
    () => send("HSET", `${prefix}:m:r`, "epoch", "no-epoch"),
    () => send("HSET", `${prefix}:m:r`, "producers", "%s %d ((((| a|b|c"),
    () => send("SET", `${prefix}:r`, "x"),
    () => send("ZADD", `${prefix}:r`, "1", "no run id"),
  ];
  for (const [i, destroy] of broken.entries()) {
    publish(bus, "r", i);
    await bus.flushed();
    await destroy();
    publish(bus, "r", 100 + i);
    await bus.flushed();
    const [newest] = await historyOf(bus, { run: "r" }, { limit: 1 });
    assertEquals(newest?.data.n, 100 + i, destroy.toString());
    assertEquals((await bus.runs()).map(({ run_id }) => run_id), ["r"]);
  }
});

withRedis("hears no notice that is none", async ({ open, send, prefix }) => {
  const bus = open();
  const [all, one] = [bus.subscribeGlobal(), bus.subscribe("r")];
  await Promise.all([all.opened, one.opened]);
  for (const text of ["", "c", "c 1 ../x", "z 1 r", "x 99999999999999999999", "c 1 r".repeat(99)]) {
    await send("PUBLISH", `${prefix}:n`, text);
    await send("PUBLISH", `${prefix}:n:r`, text);
  }
  publish(bus, "r", 1);
  assertEquals(summarize(await readTo(one, 1)), [1]);
});

withRedis("stores a batch once that is sent twice", async (place) => {
  const own = await connectNodeRedis(url);
  let isFirst = true;
  const client = Object.assign(Object.create(own.client), {
    duplicate: (...args: []) => own.client.duplicate(...args),
    // The answer to the first batch is lost.
    async sendCommand(args: string[]) {
      const answer = await own.send(...args);
      if (args[0] === "EVALSHA" && isFirst) {
        isFirst = false;
        throw new Error("expected: at redis://ada:secret@host:6379");
      }
      return answer;
    },
  });
  const bus = place.open({ client });
  publish(bus, "r", 1, 2);
  await bus.flushed();
  publish(bus, "r", 3);
  await bus.flushed();
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1, 2, 3]);
  // Nor does it say who it is.
  assertEquals(place.errors.map(({ message }) => message), ["Redis: expected: at redis://…"]);
  await bus.close();
  await own.close();
});

withRedis(
  "begins anew after the run was forgotten, under another epoch",
  async ({ open }) => {
    const bus = open();
    publish(bus, "r", 1);
    await bus.flushed();
    const [before] = await bus.runs();
    bus.dropHistory("r");
    publish(bus, "r", 2);
    await bus.flushed();
    const [after] = await bus.runs();
    assertEquals([before, after].map((info) => info?.cursor?.split("-")[1]), ["1", "1"]);
    assertNotEquals(before?.cursor, after?.cursor);
  },
);

test("redisBus() says what is wrong with its options", () => {
  const client = { sendCommand: () => Promise.resolve(), duplicate: () => client } as never;
  assertThrows(() => redisBus({ client: {} as never }), TypeError, '"client" must be a client of');
  assertThrows(() => redisBus({ client, prefix: "a b" }), RangeError, '"prefix" must be 1 to 64');
  assertThrows(() => redisBus({ client, retentionMs: 0 }), RangeError, '"retentionMs"');
  assertThrows(() => redisBus({ client, prefx: "a" } as never), TypeError, '"prefx"');
  assertThrows(() => redisBus(undefined as never), TypeError, "options must be an object");
});
