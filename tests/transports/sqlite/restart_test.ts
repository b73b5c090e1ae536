/** What is there after a restart, and what is said of what is not. */
import { test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { type SqliteBus, sqliteBus, type SqliteBusOptions } from "@locus/core/transports/sqlite";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import {
  arrived,
  count,
  epochOf,
  historyOf,
  publish,
  readAll,
  readTo,
  within,
} from "../../contract/observe.ts";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { makeFolder } from "./folder.ts";

/** Opens a file once after the other. */
async function inFile(
  body: (
    open: (options?: Partial<SqliteBusOptions>) => SqliteBus,
    file: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = makeFolder();
  try {
    await body(
      (options) => sqliteBus({ path: folder.file, onError() {}, ...options }),
      folder.file,
    );
  } finally {
    folder.remove();
  }
}

test("sqliteBus() goes on in the same epoch, and resumes exactly after any event", async () => {
  await inFile(async (open) => {
    let seen: AnyEvent[];
    {
      await using bus = open();
      publish(bus, "r", ...count(1, 5));
      publish(bus, "done", 1);
      bus.closeStream("done");
      seen = await readTo(bus.subscribe("r"), 5);
    }
    await using bus = open();
    publish(bus, "r", 6);
    await arrived(bus, "r", 6);
    for (const [i, { event_id }] of seen.entries()) {
      const resumed = bus.subscribe("r", { after: event_id });
      assertEquals(resumed.recovery, "exact");
      const rest = await readTo(resumed, 6);
      assertEquals(summarize(rest), count(i + 2, 6));
      assertEquals(epochOf(rest[0]!), epochOf(seen[0]!));
      await resumed.cancel();
    }
    assertEquals(
      await historyOf(bus, { run: "r" }, { limit: 5 }).then((all) => all.slice(1)),
      [
        ...seen.slice(1),
      ].reverse(),
    );
    assertEquals(summarize(await readAll(bus.subscribe("done"))), [1]);
    publish(bus, "done", 2);
    await bus.flushed();
    assertEquals(bus.stats().rejected_events_total, 1);
  });
});

test("sqliteBus() resumes readers of all and of several runs from their positions", async () => {
  await inFile(async (open) => {
    let all: string;
    let several: string;
    {
      await using bus = open();
      const readers = [bus.subscribeGlobal(), bus.subscribe(["a", "b"])] as const;
      publish(bus, "a", 1);
      publish(bus, "b", 2);
      publish(bus, "a", 3);
      await Promise.all(readers.map((reader) => readTo(reader, 2)));
      [all, several] = readers.map(({ cursor }) => cursor) as [string, string];
    }
    {
      await using bus = open();
      publish(bus, "b", 4);
      publish(bus, "c", 5);
      await bus.flushed();
    }
    await using bus = open();
    const readers = [
      bus.subscribeGlobal({ after: all }),
      bus.subscribe(["a", "b"], { after: several }),
    ] as const;
    publish(bus, "a", 6);
    assertEquals(readers.map(({ recovery }) => recovery), ["exact", "exact"]);
    assertEquals(summarize(await readTo(readers[0], 6)), [3, 4, 5, 6]);
    assertEquals(summarize(await readTo(readers[1], 6)), [3, 4, 6]);
  });
});

test("sqliteBus() remembers how a run began, who stored, and who took over", async () => {
  await inFile(async (open) => {
    const draft = { run_id: "r", event_type: "test.tick", data: { n: 1 } } as const;
    const started = {
      name: "order",
      parent_run_id: null,
      parent_span_id: null,
      input_preview: "",
      tags: {},
      metadata: {},
    };
    {
      await using bus = open();
      bus.publish({ run_id: "r", event_type: "run.started", data: started });
      assertEquals(await bus.claim("r", "p"), 1);
      const producer = { id: "p", epoch: 1, seq: 7 };
      assertEquals(await bus.append("r", [draft], { producer }), "stored");
    }
    await using bus = open();
    const append = (epoch: number, seq: number) =>
      bus.append("r", [draft], { producer: { id: "p", epoch, seq } });
    assertEquals(await append(1, 7), "duplicate");
    assertEquals(await append(0, 8), "fenced");
    assertEquals(await append(1, 8), "stored");
    assertEquals(await bus.claim("r", "p"), 2);
    const [info] = await bus.runs();
    assertEquals(info!.started!.data.name, "order");
    assertEquals(info!.started!.event_id, info!.cursor.replace(/-.*/, "-1"));
  });
});

test("sqliteBus() forgets nothing of what was dropped or made room for", async () => {
  await inFile(async (open) => {
    let cursor: string;
    {
      await using bus = open({ maxRunsRetained: 2 });
      publish(bus, "closed", 1);
      bus.closeStream("closed");
      publish(bus, "open", 1);
      const reader = bus.subscribe("open");
      await readTo(reader, 1);
      cursor = reader.cursor;
      await reader.cancel();
      for (const run of ["a", "b"]) publish(bus, run, 1);
      await bus.flushed();
      assertEquals((await bus.runs()).map(({ run_id }) => run_id).sort(), ["a", "b"]);
    }
    await using bus = open();
    publish(bus, "closed", 2);
    publish(bus, "open", 2);
    await bus.flushed();
    assertEquals(bus.stats().rejected_events_total, 1);
    assertEquals(summarize(await readTo(bus.subscribe("open"), 2)), ["gap:new_epoch 1-0", 2]);
    const resumed = bus.subscribe("open", { after: cursor });
    assertEquals(summarize(await readTo(resumed, 2)), ["gap:new_epoch 1-0", 2]);
  });
});

test("sqliteBus() renews the epochs of open runs when the machine went down meanwhile", async () => {
  await inFile(async (open, file) => {
    const said: string[] = [];
    const first = open();
    publish(first, "open", 1, 2);
    publish(first, "closed", 1, 2);
    first.closeStream("closed");
    const seen = await readTo(first.subscribe("open"), 2);
    const done = await readAll(first.subscribe("closed"));
    const place = first.subscribeGlobal().cursor;
    // As if it had been killed in the life of another machine.
    const database = openSqlite(file)!;
    database.prepare("UPDATE locus_openers SET boot = 'another'").run();
    database.close();
    await using bus = open({ onError: ({ message }) => void said.push(message) });
    assertEquals(said.length, 1);
    assert(said[0]!.includes("1 runs may have lost"), said[0]);
    publish(bus, "open", 3);
    const resumed = bus.subscribe("open", { after: seen[0]!.event_id });
    const rest = await readTo(resumed, 3);
    assertEquals(summarize(rest), ["gap:new_epoch 1-0", 1, 2, 3]);
    assertNotEquals(epochOf(rest.at(-1)!), epochOf(seen[0]!));
    const closed = bus.subscribe("closed", { after: done[0]!.event_id });
    assertEquals(closed.recovery, "exact");
    assertEquals(summarize(await readAll(closed)), [2]);
    assertEquals(bus.subscribeGlobal({ after: place }).recovery, "restarted");
    await first.close();
  });
});

test("sqliteBus() gives out no number again of what the machine took with it", async () => {
  await inFile(async (open, file) => {
    await using first = open();
    publish(first, "closed", 1);
    first.closeStream("closed");
    const [done] = await readAll(first.subscribe("closed"));
    const reader = first.subscribe("open");
    let last: AnyEvent | undefined;
    for (const n of count(1, 50)) {
      publish(first, "open", n);
      [last] = await readTo(reader, n);
    }
    // What the disk had of it when the power failed: not all of SQLite's log.
    const log = readFileSync(`${file}-wal`);
    writeFileSync(`${file}-2`, readFileSync(file));
    writeFileSync(`${file}-2-wal`, log.subarray(0, Math.floor(log.length * 0.6)));
    const database = openSqlite(`${file}-2`)!;
    database.prepare("UPDATE locus_openers SET boot = 'another'").run();
    database.close();
    await using bus = open({ path: `${file}-2` });
    const resumed = bus.subscribe("open", { after: last!.event_id });
    publish(bus, "open", 99);
    const [gap, ...rest] = summarize(await readTo(resumed, 99));
    assertEquals(gap, "gap:new_epoch 1-0");
    const kept = rest.length - 1;
    assert(kept > 0 && kept < 50, `${kept} were kept`);
    assertEquals(rest, [...count(1, kept), 99]);
    assertEquals(bus.subscribe("closed", { after: done!.event_id }).recovery, "exact");
    await bus.close();
    await first.close();
  });
});

test("sqliteBus() gives no number twice, whatever was deleted", async () => {
  await inFile(async (open) => {
    let place: string;
    {
      await using bus = open();
      publish(bus, "a", 1);
      publish(bus, "b", 1, 2, 3);
      const reader = bus.subscribeGlobal();
      await arrived(bus, "b", 3);
      place = reader.cursor;
      bus.dropHistory("b");
      await bus.flushed();
    }
    let last: string;
    {
      await using bus = open();
      publish(bus, "a", 2);
      const reader = bus.subscribeGlobal({ after: place });
      const events = await readTo(reader, 2);
      // Three are gone: nobody can say any more whose they were.
      assertEquals(events.filter(({ event_type }) => event_type === "bus.gap").length, 3);
      assertEquals(summarize(events).at(-1), 2);
      await bus.flushed();
      const position = (cursor: string) => Number(cursor.split("-")[1]);
      assertEquals(position(reader.cursor), 5);
      last = reader.cursor;
    }
    await using bus = open();
    assertEquals(bus.subscribeGlobal({ after: last }).recovery, "exact");
  });
});

test("sqliteBus() loses nothing to a reader that lags, and reads a run of any length", async () => {
  await inFile(async (open) => {
    await using bus = open();
    const reader = bus.subscribe("r");
    publish(bus, "r", 1);
    await readTo(reader, 1);
    for (let n = 2; n <= 20_000; n += 1_000) {
      publish(bus, "r", ...count(n, Math.min(20_000, n + 999)));
      await bus.flushed();
    }
    bus.closeStream("r");
    await bus.flushed();
    let last = 1;
    let longest = 0;
    for await (const batch of reader.batches({ maxEvents: 500 })) {
      longest = Math.max(longest, batch.length);
      for (const event of batch as AnyEvent[]) assertEquals(event.data.n, ++last);
    }
    assertEquals([last, longest], [20_000, 500]);
    assertEquals((await readAll(bus.subscribe("r"))).length, 20_000);
    assertEquals(bus.stats().dropped_events_total, 0);
  });
});

test("sqliteBus() announces what is lost while too much waits, also after a restart", async () => {
  await inFile(async (open) => {
    const texts = ["gap:evicted 4-10", 11];
    {
      await using bus = open({ maxPendingEvents: 3 });
      const reader = bus.subscribe("r");
      const all = bus.subscribeGlobal();
      publish(bus, "r", ...count(1, 10));
      assertEquals(bus.stats().dropped_events_total, 7);
      await bus.flushed();
      publish(bus, "r", 11);
      assertEquals(summarize(await readTo(reader, 11)), [1, 2, 3, ...texts]);
      assertEquals(summarize(await readTo(all, 11)), [1, 2, 3, ...texts]);
    }
    await using bus = open();
    const reader = bus.subscribe("r");
    assertEquals(summarize(await readTo(reader, 11)), [1, 2, 3, ...texts]);
    await within("being caught up", reader.caughtUp);
  });
});
