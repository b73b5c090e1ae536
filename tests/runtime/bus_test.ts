import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { readAll, readSome, summarize } from "../harness/support/read.ts";

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

test("The bus replays, goes on live and ends", async () => {
  const bus = new EventBus();
  publish(bus, 1);
  const reading = readAll(bus.subscribe("r"));
  await null;
  publish(bus, 2, 3);
  bus.closeStream("r");
  assertEquals(summarize(await reading), [1, 2, 3]);
});

test("The bus feeds the stream's own reader and pipes", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  const piping = bus.subscribe("r").pipeTo(
    new WritableStream({ write: (event) => void seen.push(event.data) }),
  );
  publish(bus, 1, 2);
  bus.closeStream("r");
  await piping;
  assertEquals(seen, [{ n: 1 }, { n: 2 }]);
});

test("The bus announces a gap and resumes behind it", async () => {
  const bus = new EventBus({ historyPerRun: 2, maxQueueSize: 2 });
  const subscription = bus.subscribe("r");
  publish(bus, 1, 2, 3);
  const [gap] = await readSome(subscription, 1);
  assertEquals(summarize([gap!]), ["gap:lagged 1-1"]);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r", { after: gap!.event_id }))), [2, 3]);
  await subscription.cancel();
  assertEquals(bus.stats().active_runs, 0);
});

test("The bus ends a waiting reader when its signal aborts", async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const reading = readAll(bus.subscribe("r", { signal: abort.signal }));
  await null;
  abort.abort();
  assertEquals(await reading, []);
  assertEquals(bus.stats().active_runs, 0);
});

test("The bus delivers batches", async () => {
  const bus = new EventBus();
  publish(bus, 1, 2);
  bus.closeStream("r");
  const sizes = [];
  for await (const batch of bus.subscribe("r").batches()) sizes.push(batch.length);
  assertEquals(sizes, [2]);
});
