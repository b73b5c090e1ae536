/** Recorded runs that are stored: whatever the recording says, and whoever else writes. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { withEnd } from "../../../src/workbench/run_file.ts";
import { type SqliteBus, sqliteBus } from "@locus/core/transports/sqlite";
import { count, publish, readTo, within } from "../../contract/observe.ts";
import { eventCatalogue } from "@locus/core/events";
import { plain } from "../../core/properties/payloads.ts";
import fc from "../../harness/support/property.ts";
import { deferred } from "../../../src/runtime/deferred.ts";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import { makeFolder } from "./folder.ts";

function event(run_id: string, n: unknown) {
  const timestamp = "2026-01-02T03:04:05.000Z";
  return { event_id: "e-1", run_id, event_type: "test.tick", timestamp, data: { n } };
}

function control(run_id: string, type: string, data: object) {
  return { ...event(run_id, 0), event_type: type, data };
}

async function recordOf(bus: SqliteBus, runId: string): Promise<unknown[]> {
  const events = await Array.fromAsync(bus.exportRun(runId));
  return events.map(({ event_type, data }) => "n" in data ? data.n : event_type);
}

test("SqliteBus.exportRun() has the end of a run that is closed, and importRuns() closes it", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  await using other = sqliteBus({ path: ":memory:" });
  publish(bus, "r", 1);
  for (const runId of ["r", "empty"]) bus.closeStream(runId);
  await bus.flushed();
  assertEquals(await recordOf(bus, "r"), [1, "bus.end"]);
  for (const runId of ["r", "empty"]) await other.importRuns(bus.exportRun(runId));
  await other.importRuns(withEnd([event("page", 1)] as never));
  const { runs } = await other.findRuns();
  assertEquals(runs.map(({ run_id, closed }) => [run_id, closed]), [
    ["page", true],
    ["empty", true],
    ["r", true],
  ]);
  assertEquals(await recordOf(other, "r"), [1, "bus.end"]);
});

test("SqliteBus.importRuns() stores a run once, however many imports of it run at once", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  async function* recording(name: string) {
    for (const n of count(1, 1_500)) yield event("r", `${name}${n}`);
  }
  const [a, b] = await Promise.all([
    bus.importRuns(recording("a")),
    bus.importRuns(recording("b")),
  ]);
  assertEquals({ ...a.imported, ...b.imported }, { r: 1_500 });
  assertEquals({ ...a.skipped, ...b.skipped }, { r: 1_500 });
  const names = new Set((await recordOf(bus, "r")).map((n) => String(n)[0]));
  assertEquals(names.size, 1);
});

test("SqliteBus.importRuns() skips the rest of a run that somebody else goes on with", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  const text = "x".repeat(100_000);
  async function* recording() {
    for (const n of count(1, 20)) yield control("r", "test.tick", { n, text });
    publish(bus, "r", 99);
    await bus.flushed();
    for (const n of count(21, 40)) yield control("r", "test.tick", { n, text });
  }
  const { imported, skipped } = await bus.importRuns(recording());
  assertEquals(imported.r! + skipped.r!, 40);
  assertEquals((await recordOf(bus, "r")).at(-1), 99);
});

test("SqliteBus.importRuns() keeps every number exact, whatever a recording says to be missing", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  const gap = control("r", "bus.gap", { count: Number.MAX_SAFE_INTEGER });
  const imported = bus.importRuns([gap, gap, event("r", 1), gap, gap, event("r", 2)]);
  publish(bus, "other", 1);
  await until("all is stored", async () => (await recordOf(bus, "other")).length === 1);
  await within("the import", imported);
  publish(bus, "r", 3);
  await bus.flushed();
  const events = await Array.fromAsync(bus.exportRun("r"));
  const numbers = events.map(({ event_id }) => Number(event_id.split("-")[1]));
  assertEquals(numbers.slice(-3).map((n) => n - numbers.at(-1)!), [-2, -1, 0]);
});

test("SqliteBus.importRuns() skips what follows the end of a run", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  const end = control("r", "bus.end", { last_event_id: null });
  const { imported, skipped } = await bus.importRuns([
    event("r", 1),
    end,
    event("r", 2),
    end,
    event("s", 1),
  ]);
  assertEquals([{ ...imported }, { ...skipped }], [{ r: 1, s: 1 }, { r: 1 }]);
});

test("SqliteBus.importRuns() that breaks off leaves only runs whose end had come, and can be repeated", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  publish(bus, "there", 1);
  await bus.flushed();
  const text = "x".repeat(100_000);
  function* recording(breaksOff: boolean) {
    yield event("there", 2);
    yield event("whole", 1);
    yield control("whole", "bus.end", { last_event_id: "e-1" });
    for (const n of count(1, 30)) yield control("part", "test.tick", { n, text });
    if (breaksOff) throw new Error("the disk of the sender is gone");
  }
  await assertRejects(() => bus.importRuns(recording(true)), Error, "is gone");
  assertEquals(await recordOf(bus, "part"), []);
  assertEquals(await recordOf(bus, "whole"), [1, "bus.end"]);
  assertEquals(await recordOf(bus, "there"), [1]);
  const { imported } = await bus.importRuns(recording(false));
  assertEquals({ ...imported }, { part: 30 });
});

test("SqliteBus.importRuns() leaves nothing of a run when its process is killed over it", async () => {
  const { file, remove } = makeFolder();
  await using killed = sqliteBus({ path: file, onError() {} });
  const text = "x".repeat(100_000);
  const gate = deferred<void>();
  async function* recording(isKilled: boolean) {
    yield event("whole", 1);
    yield control("whole", "bus.end", { last_event_id: "e-1" });
    for (const n of count(1, 12)) yield control("part", "test.tick", { n, text });
    for (const n of count(1, 12)) yield control("taken", "test.tick", { n, text });
    if (isKilled) await gate.promise;
    for (const n of count(13, 14)) yield control("part", "test.tick", { n, text });
  }
  const first = killed.importRuns(recording(true));
  await until("both were begun", async () => (await killed.runs()).length === 3);
  publish(killed, "taken", 13);
  await killed.flushed();
  const database = openSqlite(file)!;
  database.exec("DELETE FROM locus_openers");
  database.close();
  await using bus = sqliteBus({ path: file, onError() {} });
  // At once: the rest is dropped before.
  const { imported, skipped } = await bus.importRuns(recording(false));
  assertEquals([{ ...imported }, { ...skipped }], [{ part: 14 }, { taken: 12, whole: 1 }]);
  // It was not killed: what it has is nobody's any more.
  gate.resolve();
  assertEquals((await first).skipped.part, 2);
  assertEquals(await recordOf(bus, "part"), count(1, 14));
  assertEquals((await recordOf(bus, "taken")).at(-1), 13);
  await bus.close();
  // What is whole stays.
  await using again = sqliteBus({ path: file });
  await again.importRuns([]);
  assertEquals((await again.runs()).map(({ run_id }) => run_id).sort(), ["part", "taken", "whole"]);
  await again.close();
  await killed.close();
  remove();
});

test("SqliteBus.importRuns() counts what is missing as no events: they take no room", async () => {
  await using bus = sqliteBus({ path: ":memory:", historyPerRun: 10 });
  const gap = (count: number) => control("r", "bus.gap", { count });
  const kept = async () => {
    const [run] = (await bus.findRuns()).runs;
    return [run!.events, await recordOf(bus, "r")];
  };
  await bus.importRuns([
    gap(2 ** 40),
    event("r", 1),
    gap(500),
    ...count(2, 6).map((n) => event("r", n)),
  ]);
  const recorded = ["bus.gap", 1, "bus.gap", ...count(2, 6)];
  assertEquals(await kept(), [6, recorded]);
  publish(bus, "r", ...count(7, 10));
  await bus.flushed();
  assertEquals(await kept(), [10, [...recorded, ...count(7, 10)]]);
  publish(bus, "r", 11);
  await bus.flushed();
  assertEquals(await kept(), [10, ["bus.gap", ...count(2, 11)]]);
  publish(bus, "r", ...count(12, 30));
  await bus.flushed();
  assertEquals(await kept(), [10, ["bus.gap", ...count(21, 30)]]);
});

test("sqliteBus() resumes in runs of large numbers, also of several", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  const gap = control("r", "bus.gap", { count: 2 ** 40 });
  await bus.importRuns([gap, ...count(1, 9).map((n) => event("r", n))]);
  publish(bus, "s", 10);
  await bus.flushed();
  const first = bus.subscribe(["r", "s"]);
  await readTo(first, 4);
  const { cursor } = first;
  await first.cancel();
  const resumed = bus.subscribe(["r", "s"], { after: cursor });
  assertEquals(summarize(await readTo(resumed, 10)), count(5, 10));
  assertEquals(summarize(await readTo(bus.subscribe("r", { from: -2 }), 9)), [8, 9]);
});

test("sqliteBus() makes room in a run of which much is missing", async () => {
  await using bus = sqliteBus({ path: ":memory:", maxStoredBytes: 500_000 });
  const text = "x".repeat(10_000);
  const events = count(1, 200).map((n) => control("r", "test.tick", { n, text }));
  await bus.importRuns([control("r", "bus.gap", { count: 2 ** 50 }), ...events]);
  await until(
    "the oldest events go",
    async () => (await bus.findRuns()).runs[0]!.events < 60,
    10_000,
  );
});

test("SqliteBus.importRuns() carries runs of any events as they are", async () => {
  const types = [...Object.keys(eventCatalogue), "shop.sold"].filter((type) =>
    !type.startsWith("bus.")
  );
  const one = fc.record({ type: fc.constantFrom(...types), data: plain, run: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 30 }), fc.boolean(), async (events, isClosed) => {
      await using bus = sqliteBus({ path: ":memory:", historyPerRun: 6 });
      await using other = sqliteBus({ path: ":memory:" });
      for (const { type, data, run } of events) {
        bus.publish({ run_id: `r-${run}`, event_type: type as "shop.sold", data });
      }
      if (isClosed) bus.closeStream("r-0");
      await bus.flushed();
      for (const { run_id } of await bus.runs()) {
        const lines = (await Array.fromAsync(bus.exportRun(run_id))).map((e) => JSON.stringify(e));
        await other.importRuns(lines.map((line) => JSON.parse(line)));
      }
      const [before, after] = await Promise.all([bus, other].map(asCarried));
      assertEquals(after, before);
    }),
    { numRuns: 30 },
  );
});

/** All runs of a bus, but for what another bus gives them anew. */
async function asCarried(bus: SqliteBus): Promise<unknown[]> {
  const { runs } = await bus.findRuns();
  return await Promise.all(
    runs.toSorted((a, b) => a.run_id < b.run_id ? -1 : 1).map(async ({ run_id, state, events }) => {
      // A gap is told when it is met.
      const recorded = (await Array.fromAsync(bus.exportRun(run_id))).map((event) =>
        event.event_type === "bus.gap" ? { ...event, timestamp: "" } : event
      );
      // Of a run without events, it is when it was asked.
      const end = recorded.at(-1)?.event_type === "bus.end" ? recorded.pop()!.data : null;
      const anew = JSON.stringify([...recorded, end]).replaceAll(/"[0-9a-f]{12}(-\d+)"/g, '"$1"');
      // What is missing may have said more.
      const isWhole = recorded[0]?.event_type !== "bus.gap";
      return [run_id, isWhole && state, events, JSON.parse(anew)];
    }),
  );
}

test("SqliteBus.importRuns() takes large events, more than may wait at once", async () => {
  await using bus = sqliteBus({ path: ":memory:", maxPendingBytes: 4 * 1024 * 1024 });
  const text = "x".repeat(100_000);
  const events = count(1, 100).map((n) => control("r", "test.tick", { n, text }));
  assertEquals((await bus.importRuns(events)).imported.r, 100);
});

test("SqliteBus.importRuns() names so many runs at most, and counts the events of the others", async () => {
  await using bus = sqliteBus({ path: ":memory:" });
  const events = count(1, 1_100).flatMap((n) => [event(`r${n}`, 1), event(`r${n}`, 2)]);
  for (const what of ["imported", "skipped"] as const) {
    const result = await bus.importRuns(events);
    assertEquals(Object.keys(result[what]).length, 1_000);
    assertEquals(result.more, { imported: 0, skipped: 0, [what]: 200 });
  }
  assert((await bus.runs()).length === 1_100);
});
