/** A file that is only read: as it is, and as others go on writing it. */
import { test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { count, publish, readTo } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { makeFolder } from "./folder.ts";

test("sqliteBus({ readOnly }) follows what others write, and refuses to write itself", async () => {
  const folder = makeFolder();
  await using writer = sqliteBus({ path: folder.file, onError() {} });
  publish(writer, "r", 1, 2);
  await writer.flushed();
  const said: string[] = [];
  const onError = ({ message }: Error) => void said.push(message);
  await using bus = sqliteBus({ path: folder.file, readOnly: true, pollMs: 2, onError });
  const readers = [bus.subscribe("r"), bus.subscribe(["r", "s"]), bus.subscribe("r", { from: -1 })];
  const all = bus.subscribeGlobal();
  publish(writer, "r", 3);
  for (const [i, wanted] of [[1, 2, 3], [1, 2, 3], [2, 3]].entries()) {
    assertEquals(summarize(await readTo(readers[i]!, 3)), wanted);
  }
  assertEquals(summarize(await readTo(all, 3)), [3]);
  assertEquals((await bus.runs()).map(({ run_id }) => run_id), ["r"]);
  assertEquals((await bus.history({ run: "r" })).length, 3);
  publish(bus, "r", 4);
  bus.closeStream("r");
  const reason = "the file was opened to be read only";
  assertEquals(said, [`Cannot publish event: ${reason}`, `Cannot close run "r": ${reason}`]);
  assertEquals(bus.stats().rejected_events_total, 1);
  const event = { run_id: "r", event_type: "test.tick", data: {} } as const;
  await assertRejects(() => bus.append("r", [event]), Error, reason);
  await assertRejects(() => bus.claim("r", "p"), Error, reason);
  for (const reader of [...readers, all]) await reader.cancel();
  await bus.close();
  await writer.close();
  folder.remove();
});

test("sqliteBus({ readOnly }) leaves the file as it is, whatever its bounds", async () => {
  const folder = makeFolder();
  {
    await using writer = sqliteBus({ path: folder.file });
    publish(writer, "r", ...count(1, 10));
  }
  const before = readFileSync(folder.file);
  const bounds = { maxRunsRetained: 1, retentionMs: 1, maxStoredBytes: 1 };
  await using bus = sqliteBus({ path: folder.file, readOnly: true, ...bounds });
  assertEquals(summarize(await readTo(bus.subscribe("r"), 10)), count(1, 10));
  await bus.close();
  assertEquals(readFileSync(folder.file), before);
  folder.remove();
});

test("sqliteBus({ readOnly }) makes no file, and opens none of others", () => {
  const folder = makeFolder();
  const open = (path: string) => () => sqliteBus({ path, readOnly: true });
  assertThrows(open(folder.file), Error, "there is no such file");
  writeFileSync(folder.file, "no database, whatever its name is");
  assertThrows(open(folder.file), Error, "not a database");
  const other = openSqlite(`${folder.file}2`)!;
  assertThrows(open(`${folder.file}2`), Error, "it holds no runs");
  other.exec("CREATE TABLE t(a)");
  assertThrows(open(`${folder.file}2`), Error, "it belongs to another program");
  other.close();
  assertThrows(() => sqliteBus({ path: "a", readOnly: 1 as never }), TypeError, '"readOnly" must');
  folder.remove();
});

test("sqliteBus({ readOnly }) reads a file in a folder in which it may not write", async () => {
  const folder = makeFolder();
  await using writer = sqliteBus({ path: folder.file });
  publish(writer, "r", 1);
  await writer.close();
  // Of the superuser, this is asked on a disk in faults_test.ts.
  chmodSync(folder.path, 0o500);
  chmodSync(folder.file, 0o400);
  try {
    await using bus = sqliteBus({ path: folder.file, readOnly: true });
    assertEquals(summarize(await readTo(bus.subscribe("r"), 1)), [1]);
    await bus.close();
  } finally {
    chmodSync(folder.path, 0o700);
    folder.remove();
  }
});

for (const search of [true, false]) {
  test(`sqliteBus({ readOnly }) searches a file with ${search ? "an" : "no"} index`, async () => {
    const folder = makeFolder();
    const say = (run_id: string, text: string) =>
      writer.publish({ run_id, event_type: "shop.said", data: { parts: [{ text }], kind: "x" } });
    await using writer = sqliteBus({ path: folder.file, search });
    say("a", 'Please refund "order" 1042');
    say("b", "The Refund is late");
    say("c", "Nothing of that kind");
    say("a", "more");
    await writer.flushed();
    await using bus = sqliteBus({ path: folder.file, readOnly: true });
    const found = async (search: string, before: string | null = null): Promise<string[]> => {
      const { runs, next } = await bus.findRuns({ search, limit: 1, before });
      const ids = runs.map(({ run_id }) => run_id);
      return next === null ? ids : [...ids, ...await found(search, next)];
    };
    assertEquals(await found("refund"), ["b", "a"]);
    assertEquals(await found("1042 refund"), ["a"]);
    assertEquals(await found('"order"'), ["a"]);
    // Names are no texts.
    assertEquals([await found("parts"), await found("missing")], [[], []]);
    const { runs: [run] } = await bus.findRuns({ search: "late" });
    assertMatch(JSON.stringify(run!.match!.data), /The Refund is late/);
    assertEquals([bus.canSearch, writer.canSearch], [true, search]);
    await bus.close();
    await writer.close();
    folder.remove();
  });
}
