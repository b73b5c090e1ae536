/** Several buses on one file, as several processes have them. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { count, publish, readTo, within } from "../../contract/observe.ts";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { makeFolder } from "./folder.ts";

test("sqliteBus() gives readers everywhere one order, of runs that several buses write to", async () => {
  const folder = makeFolder();
  const buses = [1, 2, 3].map(() => sqliteBus({ path: folder.file, pollMs: 2, onError() {} }));
  try {
    const total = 3 * 400;
    const readers = buses.flatMap((bus) => [
      bus.subscribe("shared"),
      bus.subscribe(["shared", "own-0", "own-1", "own-2"]),
      bus.subscribeGlobal(),
    ]);
    const reading = readers.map((reader, i) => {
      const wanted = i % 3 === 0 ? total / 2 : total;
      return within("all events", collect(reader, wanted), 20_000);
    });
    for (const n of count(1, 200)) {
      for (const [i, bus] of buses.entries()) {
        bus.publish({ run_id: "shared", event_type: "test.tick", data: { by: i, n } });
        bus.publish({ run_id: `own-${i}`, event_type: "test.tick", data: { by: i, n } });
      }
      if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const [one, several, all] = await Promise.all(reading);
    for (const [i, events] of (await Promise.all(reading)).entries()) {
      assertEquals(idsOf(events), idsOf([one, several, all][i % 3]!), `reader ${i}`);
    }
    assertEquals(idsOf(several!), idsOf(all!));
    // What each has published to the shared run is in its order there.
    for (const by of buses.keys()) {
      const own = one!.filter(({ data }) => data.by === by);
      assertEquals(own.map(({ data }) => data.n), count(1, 200));
    }
    for (const reader of readers) await reader.cancel();
  } finally {
    for (const bus of buses) await bus.close();
    folder.remove();
  }
});

test("sqliteBus() refuses what another bus has closed, and stores once what two of them repeat", async () => {
  const folder = makeFolder();
  await using one = sqliteBus({ path: folder.file, onError() {} });
  await using two = sqliteBus({ path: folder.file, onError() {} });
  const append = (bus: typeof one, seq: number) =>
    bus.append("r", [{ run_id: "r", event_type: "test.tick", data: { n: seq } }], {
      producer: { id: "p", seq },
    });
  assertEquals(
    [await append(one, 1), await append(two, 1), await append(two, 2), await append(one, 2)],
    ["stored", "duplicate", "stored", "duplicate"],
  );
  one.closeStream("r");
  await one.flushed();
  publish(two, "r", 3);
  await two.flushed();
  assertEquals(two.stats().rejected_events_total, 1);
  assertEquals(await append(two, 3), "closed");
  await one.close();
  await two.close();
  folder.remove();
});

test("sqliteBus() has a reader begin anew whose run another bus has forgotten, and begun again", async () => {
  const folder = makeFolder();
  await using one = sqliteBus({ path: folder.file, pollMs: 2, maxRunsRetained: 1, onError() {} });
  await using two = sqliteBus({ path: folder.file, pollMs: 2, onError() {} });
  const waiting = two.subscribe("r");
  publish(one, "r", 1);
  publish(one, "other", 1);
  publish(one, "r", 2);
  await one.flushed();
  const first = await within("its end", Array.fromAsync(waiting));
  assertEquals([first.length, waiting.ended], [0, "evicted"]);
  const again = two.subscribe("r", { after: waiting.cursor });
  const events: AnyEvent[] = await readTo(again, 2);
  assertEquals(summarize(events).at(-1), 2);
  assert(events[0]!.event_type === "bus.gap", "it is told that something is missing");
  for (const bus of [one, two]) await bus.close();
  folder.remove();
});

test("sqliteBus() ends a reader whose run another bus has dropped, and tells it when it comes back", async () => {
  const folder = makeFolder();
  const [one, two] = [1, 2].map(() => sqliteBus({ path: folder.file, pollMs: 2, onError() {} }));
  publish(one!, "r", 1);
  await one!.flushed();
  const reading = two!.subscribe("r");
  await readTo(reading, 1);
  one!.dropHistory("r");
  assertEquals(await within("its end", Array.fromAsync(reading)), []);
  assertEquals(reading.ended, "evicted");
  publish(one!, "r", 2);
  await one!.flushed();
  const again = two!.subscribe("r", { after: reading.cursor });
  assertEquals(summarize(await readTo(again, 2)), ["gap:new_epoch 1-0", 2]);
  for (const bus of [one!, two!]) await bus.close();
  folder.remove();
});

async function collect(stream: AsyncIterable<unknown>, wanted: number): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for await (const event of stream) if (events.push(event as AnyEvent) === wanted) break;
  return events;
}

function idsOf(events: readonly AnyEvent[]): string[] {
  return events.map(({ run_id, event_id }) => `${run_id} ${event_id}`);
}
