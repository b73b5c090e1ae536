import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { readAll, readSome, summarize } from "../../harness/support/read.ts";

function busWith(count: number, historyPerRun = 500): { bus: EventBus; epoch: string } {
  const bus = new EventBus({ historyPerRun });
  for (let n = 1; n <= count; n++) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  }
  const epoch = bus.subscribe("r", { from: "live" }).cursor.split("-")[0]!;
  bus.closeStream("r");
  return { bus, epoch };
}

async function resume(bus: EventBus, after: string): Promise<unknown[]> {
  const subscription = bus.subscribe("r", { after });
  return [subscription.recovery, ...summarize(await readAll(subscription))];
}

test("EventBus.subscribe({ after }) at the tail delivers nothing", async () => {
  const { bus, epoch } = busWith(3);
  assertEquals(await resume(bus, `${epoch}-3`), ["exact"]);
});

test("EventBus.subscribe({ after }) delivers exactly what came later", async () => {
  const { bus, epoch } = busWith(5);
  assertEquals(await resume(bus, `${epoch}-3`), ["exact", 4, 5]);
});

test("EventBus.subscribe({ after }) one before the oldest held has no gap", async () => {
  const { bus, epoch } = busWith(10, 4);
  assertEquals(await resume(bus, `${epoch}-6`), ["exact", 7, 8, 9, 10]);
});

test("EventBus.subscribe({ after }) two before the oldest held has a gap of one", async () => {
  const { bus, epoch } = busWith(10, 4);
  assertEquals(await resume(bus, `${epoch}-5`), ["gap", "gap:evicted 6-6", 7, 8, 9, 10]);
});

test("EventBus.subscribe({ after }) beyond the head starts anew, and says so", async () => {
  const { bus, epoch } = busWith(2);
  assertEquals(await resume(bus, `${epoch}-4`), ["restarted", "gap:unknown_cursor 1-0", 1, 2]);
});

test("EventBus.subscribe({ after }) the end of a closed run delivers nothing", async () => {
  const { bus, epoch } = busWith(2);
  assertEquals(await resume(bus, `${epoch}-3`), ["exact"]);
});

test("EventBus.subscribe({ after }) one past the head of an open run starts anew", async () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.tick", data: { n: 1 } });
  const [epoch] = bus.subscribe("r", { from: "live" }).cursor.split("-");
  const subscription = bus.subscribe("r", { after: `${epoch}-2` });
  assertEquals(subscription.recovery, "restarted");
  assertEquals(summarize(await readSome(subscription, 2)), ["gap:unknown_cursor 1-0", 1]);
});

test("EventBus.subscribe({ after }) of another epoch starts anew, and says so", async () => {
  const { bus } = busWith(3, 2);
  assertEquals(await resume(bus, "elsewhere-2"), ["restarted", "gap:new_epoch 1-1", 2, 3]);
});

for (
  const cursor of [
    "",
    "-1",
    "1",
    "1e9",
    "a-",
    "-",
    "a-1e9",
    "a-9007199254740993",
    "a--1",
    "a-01",
    "é-1",
    "x".repeat(10_000),
  ]
) {
  test(`EventBus.subscribe({ after: ${JSON.stringify(cursor.slice(0, 20))} }) starts anew`, async () => {
    const { bus } = busWith(1);
    assertEquals(await resume(bus, cursor), ["restarted", "gap:unknown_cursor 1-0", 1]);
  });
}

test("A gap's event_id resumes behind the gap", async () => {
  const { bus } = busWith(10, 4);
  const [gap] = await readSome(bus.subscribe("r"), 1);
  assertEquals(summarize([gap!]), ["gap:evicted 1-6"]);
  assertEquals(await resume(bus, gap!.event_id), ["exact", 7, 8, 9, 10]);
});

test("Subscription.cursor resumes where a reader left, for every prefix", async () => {
  const { bus } = busWith(6);
  for (let taken = 0; taken <= 6; taken++) {
    const subscription = bus.subscribe("r");
    const prefix = summarize(await readSome(subscription, taken));
    const rest = summarize(await readAll(bus.subscribe("r", { after: subscription.cursor })));
    assertEquals([...prefix, ...rest], [1, 2, 3, 4, 5, 6]);
  }
});

test("C6: a reader that leaves before it was told is told where it goes on", async () => {
  const { bus, epoch } = busWith(2);
  for (const after of ["other-2", `${epoch}-9`]) {
    const left = bus.subscribe("r", { after });
    assertEquals(left.cursor, after);
    const [recovery, gap, ...rest] = await resume(bus, left.cursor);
    assertEquals([recovery, rest], ["restarted", [1, 2]]);
    assertEquals(String(gap).endsWith("1-0"), true);
  }
});
