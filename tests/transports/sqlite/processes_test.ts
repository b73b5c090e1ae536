/** Several processes on one file: each reads what the others write, in one order, also when some of them are killed. */
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import process from "node:process";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { isProcessThere, processName } from "../../../src/runtime/machine.ts";
import { openSqlite, type SqliteDatabase } from "../../../src/runtime/sqlite.ts";
import { isSafeInCompany } from "../../../src/transports/sqlite/openers.ts";
import { assertNoGaps, assertWhole, RUN } from "../faults/process_scene.ts";
import { until } from "../../harness/support/until.ts";
import type { Line } from "../lines.ts";
import { Processes, type RoleProcess } from "../processes.ts";
import { makeFolder } from "./folder.ts";

/** Processes on a file, and how they come to their end. */
async function onFile(
  body: (
    start: (act: "publish" | "read", name: string, after?: string) => RoleProcess,
    finish: (publishers: RoleProcess[], readers: RoleProcess[]) => Promise<void>,
    file: string,
  ) => Promise<void>,
): Promise<void> {
  const { file, remove } = makeFolder();
  const processes = new Processes("tests/transports/sqlite/process_child.ts", { file });
  try {
    await body(
      (act, name, after) => processes.start({ act, name, run: RUN, after }),
      async (publishers, readers) => {
        await Promise.all(publishers.map((publisher) => publisher.end()));
        await using bus = sqliteBus({ path: file, onError() {} });
        bus.closeStream(RUN);
        await bus.close();
        await Promise.all(readers.map((reader) => reader.end()));
      },
      file,
    );
  } finally {
    await processes.stop();
    remove();
  }
}

test("sqliteBus() gives a process all that two others write to one run, and one of them is killed", async () => {
  await onFile(async (start, finish) => {
    const [killed, other] = [start("publish", "killed"), start("publish", "other")];
    const reading = start("read", "reader");
    await Promise.all([killed.wrote(30), other.wrote(30), reading.wrote(50)]);
    await killed.kill();
    await Promise.all([other.wrote(30), reading.wrote(50)]);
    await finish([other], [reading]);
    assertNoGaps(assertWhole(reading.lines(), killed, other));
  });
});

test("sqliteBus() keeps a process that reads what nobody writes yet", async () => {
  await onFile(async (start, finish, file) => {
    await sqliteBus({ path: file }).close();
    const reading = start("read", "reader");
    const database = openSqlite(file)!;
    const openers = database.prepare("SELECT id FROM locus_openers");
    await until("it has the file open", () => openers.all().length > 0, 20_000);
    database.close();
    const publishing = start("publish", "p");
    await reading.wrote(20);
    await finish([publishing], [reading]);
    assertNoGaps(assertWhole(reading.lines(), publishing));
  });
});

test("sqliteBus() has a process go on exactly where another one was that was killed", async () => {
  await onFile(async (start, finish) => {
    const [publishing, first] = [start("publish", "p"), start("read", "first")];
    await first.wrote(50);
    await first.kill();
    await publishing.wrote(20);
    const last = first.lines().at(-1) as Line & { kind: "event" };
    const second = start("read", "second", last.event_id);
    await second.wrote(50);
    await finish([publishing], [second]);
    assertNoGaps(assertWhole([...first.lines(), ...second.lines()], publishing));
  });
});

test("sqliteBus() refuses a file that another process has open, with an SQLite that may damage it", async () => {
  await onFile(async (start, finish, file) => {
    const publishing = start("publish", "p");
    await publishing.wrote(1);
    const database = openSqlite(file)!;
    const { pid } = publishing;
    assertThrows(
      () => sqliteBus({ database: withVersion(database, "3.50.6") }),
      Error,
      `process ${pid} on `,
    );
    await using bus = sqliteBus({ database: withVersion(database, "3.50.7") });
    const stateOf = async () => (await bus.findRuns()).runs[0]?.state;
    assertEquals(await stateOf(), "running");
    await publishing.kill();
    assertEquals(await stateOf(), "interrupted");
    await bus.close();
    // Nobody has it open any more.
    await sqliteBus({ database: withVersion(database, "3.50.6") }).close();
    database.close();
    await finish([], []);
  });
});

test("isSafeInCompany() knows the versions of SQLite in which the file's log is safe", () => {
  const versions = {
    "3.43.0": false,
    "3.44.5": false,
    "3.44.6": true,
    "3.45.9": false,
    "3.50.6": false,
    "3.50.7": true,
    "3.51.2": false,
    "3.51.3": true,
    "3.54.1": true,
    "4.0.0": true,
  };
  for (const [version, isSafe] of Object.entries(versions)) {
    assertEquals(isSafeInCompany(version), isSafe, version);
  }
});

test("isProcessThere() tells of processes of this machine only", () => {
  const name = processName()!;
  const host = name.slice(name.indexOf("@"));
  assert(name.startsWith(`${process.pid}@`));
  assertEquals(isProcessThere(name), true);
  assertEquals(isProcessThere(`${2 ** 30}${host}`), false);
  assertEquals([`1${host}x`, "", "x"].map(isProcessThere), [undefined, undefined, undefined]);
});

/** A database that says that it is another version's. */
function withVersion(database: SqliteDatabase, version: string): SqliteDatabase {
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => database.prepare(sql.replace("sqlite_version()", `'${version}'`)),
    close: () => database.close(),
  };
}
