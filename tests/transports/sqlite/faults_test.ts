/** What disks and files do: the agent goes on, what is lost is announced, and the error says what to do. */
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { deferred } from "../../../src/runtime/deferred.ts";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { count, publish, readAll, readTo, within } from "../../contract/observe.ts";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import { makeFolder, makeSmallDisk, needsDisk } from "./folder.ts";

interface Wrong {
  readonly what: string;
  /** Puts something there; the path to open. */
  readonly make: (folder: string, file: string) => string | Promise<string>;
  readonly message: RegExp;
}

const wrongs: readonly Wrong[] = [
  {
    what: "a folder that does not exist",
    make: (folder) => join(folder, "none", "runs.db"),
    message: /cannot open ".+": its folder does not exist/,
  },
  {
    what: "a folder",
    make: (folder) => {
      mkdirSync(join(folder, "runs.db"));
      return join(folder, "runs.db");
    },
    message: /look whether it is a file/,
  },
  {
    what: "a file that is no database",
    make: (_, file) => {
      writeFileSync(file, "no database, but long enough to be one. ".repeat(100));
      return file;
    },
    message: /it is no SQLite database/,
  },
  {
    what: "another program's database",
    make: (_, file) => {
      inDatabase(file, "CREATE TABLE theirs(x)");
      return file;
    },
    message: /belongs to another program/,
  },
  {
    what: "a file of a newer version",
    make: async (_, file) => {
      await makeFile(file);
      inDatabase(file, "PRAGMA user_version = 99");
      return file;
    },
    message: /newer version of Locus \(99\); upgrade Locus/,
  },
  {
    what: "a file of before the first release",
    make: async (_, file) => {
      await makeFile(file);
      inDatabase(file, "PRAGMA user_version = 2");
      return file;
    },
    message: /before the first release of Locus; give another path/,
  },
];

for (const { what, make, message } of wrongs) {
  test(`sqliteBus() does not open ${what}, and leaves it as it is`, async () => {
    const folder = makeFolder();
    try {
      const path = await make(folder.path, folder.file);
      const before = contentOf(path);
      assertThrows(() => sqliteBus({ path }), Error, "sqliteBus(): cannot open ");
      try {
        sqliteBus({ path });
      } catch (error) {
        assertMatch((error as Error).message, message);
      }
      assertEquals(contentOf(path), before);
    } finally {
      folder.remove();
    }
  });
}

test("sqliteBus() puts a file of its own aside that is damaged, says so, and begins another", async () => {
  const folder = makeFolder();
  await makeFile(folder.file);
  const bytes = readFileSync(folder.file);
  bytes.fill(0x5a, 100, 4096);
  writeFileSync(folder.file, bytes);
  const said: string[] = [];
  await using bus = sqliteBus({
    path: folder.file,
    onError: ({ message }) => void said.push(message),
  });
  publish(bus, "r", 2);
  assertEquals(summarize(await readTo(bus.subscribe("r"), 2)), [2]);
  const aside = /it was put aside as "(.+)", and a new one begun/.exec(said[0]!)?.[1];
  assertEquals(readFileSync(aside!), bytes);
  await bus.close();
  folder.remove();
});

for (const search of [false, true]) {
  const what = search ? "with an index" : "without one";
  test(`sqliteBus() takes a file of which any page is spoiled, ${what}`, async () => {
    const folder = makeFolder();
    await makeFile(folder.file);
    {
      await using bus = sqliteBus({ path: folder.file, search });
      const text = "words ".repeat(100);
      for (const n of count(1, 300)) {
        bus.publish({ run_id: `r-${n % 7}`, event_type: "test.tick", data: { n, text } });
      }
      await bus.flushed();
      if (search) await bus.findRuns({ search: "words" });
    }
    const bytes = readFileSync(folder.file);
    const pages = bytes.length / 4096;
    const aside = new Set<string>();
    // The first page says whose the file is.
    for (let page = 1; page < pages; page += page < 24 ? 1 : Math.ceil(pages / 8)) {
      const path = `${folder.file}-${page}`;
      writeFileSync(
        path,
        bytes.map((byte, at) => Math.floor(at / 4096) === page ? byte ^ 0xff : byte),
      );
      const onError = ({ message }: Error) => void (/put aside/.test(message) && aside.add(path));
      const bus = sqliteBus({ path, search, onError });
      // What cannot be read says so, and whatever is asked comes to its end.
      const asked = [
        bus.runs(),
        bus.findRuns(),
        bus.history("*"),
        Array.fromAsync(bus.exportRun("r-1")),
      ];
      await within("answers", Promise.allSettled(asked));
      assert(bus.stats().history_runs <= 8);
      await bus.close({ timeoutMs: 1 });
    }
    assert(aside.size > 0, "some cannot be opened as they are");
    folder.remove();
  });
}

test("sqliteBus() does not open a file that may not be written", needsDisk(), async () => {
  const folder = makeSmallDisk(1)!;
  try {
    await makeFile(folder.file);
    folder.protect();
    await using reader = sqliteBus({ path: folder.file, readOnly: true });
    assertEquals(summarize(await readTo(reader.subscribe("r"), 1)), [1]);
    const error = assertThrows(() => sqliteBus({ path: folder.file }), Error);
    assertMatch(error.message, /cannot open .* \(.*(writable|may write it)\)/);
    await reader.close();
  } finally {
    folder.remove();
  }
});

test("sqliteBus() on a disk that is full loses what it says, and goes on when there is room", async () => {
  const folder = makeFolder();
  const database = openSqlite(folder.file)!;
  const full = deferred<void>();
  const bus = sqliteBus({
    database,
    maxPendingEvents: 50,
    onError({ message }) {
      if (/database or disk is full \(make room on the disk\)/.test(message)) full.resolve();
    },
  });
  try {
    const reader = bus.subscribe("r");
    publish(bus, "r", 1);
    await readTo(reader, 1);
    limit(database, 1);
    const text = "x".repeat(2_000);
    let n = 1;
    const fill = (count: number) => {
      while (count-- > 0) {
        bus.publish({ run_id: "r", event_type: "test.tick", data: { n: ++n, text } });
      }
    };
    fill(25);
    await full.promise;
    // Nothing of these is stored in between: it is one turn.
    fill(45);
    assertEquals(bus.stats().dropped_events_total, 20);
    limit(database, 1_000_000);
    await bus.flushed();
    publish(bus, "r", ++n);
    await bus.flushed();
    bus.closeStream("r");
    let last = 1;
    let lost = 0;
    for (const { event_type, data } of await readAll(reader)) {
      if (event_type === "bus.gap") {
        assertEquals(data.from_seq, last + 1);
        lost += data.count as number;
        last = data.to_seq as number;
      } else assertEquals(data.n, ++last);
    }
    assertEquals(last, n);
    assertEquals(lost, bus.stats().dropped_events_total);
  } finally {
    await bus.close();
    database.close();
    folder.remove();
  }
});

test("sqliteBus() waits for a lock without holding anything up, and stores everything", async () => {
  const folder = makeFolder();
  const said: string[] = [];
  await using bus = sqliteBus({
    path: folder.file,
    onError: ({ message }) => void said.push(message),
  });
  const other = openSqlite(folder.file)!;
  other.exec("BEGIN IMMEDIATE");
  const reader = bus.subscribe("r");
  publish(bus, "r", ...count(1, 100));
  await until("it is said", () => said.length > 0);
  assertMatch(said[0]!, /database is locked \(another process keeps it locked\)/);
  publish(bus, "r", ...count(101, 200));
  other.exec("COMMIT");
  other.close();
  assertEquals(summarize(await readTo(reader, 200)), count(1, 200));
  await bus.close();
  folder.remove();
});

test("sqliteBus() says what was not stored when it is closed, and ends what is asked", async () => {
  const folder = makeFolder();
  const said: string[] = [];
  const bus = sqliteBus({ path: folder.file, onError: ({ message }) => void said.push(message) });
  const other = openSqlite(folder.file)!;
  other.exec("BEGIN IMMEDIATE");
  publish(bus, "r", 1, 2);
  const appended = bus.append("r", []).catch((error: Error) => error.message);
  const reading = readAll(bus.subscribe("r"));
  await bus.close({ timeoutMs: 1 });
  assertEquals(await reading, []);
  assertEquals(await appended, "The bus was closed");
  assert(said.includes("Lost 2 events: the bus was closed before they were stored"), said.join());
  assertEquals(bus.stats().dropped_events_total, 2);
  publish(bus, "r", 3);
  assertEquals(said.at(-1), "Cannot publish event: the bus was closed");
  assertEquals(bus.subscribe("r").ended, null);
  assertEquals(await readAll(bus.subscribe("r")), []);
  other.close();
  await bus.close();
  folder.remove();
});

test("sqliteBus() begins another file where its own was deleted, and tells everybody", async () => {
  const folder = makeFolder();
  const said: string[] = [];
  await using bus = sqliteBus({
    path: folder.file,
    onError: ({ message }) => void said.push(message),
  });
  publish(bus, "r", 1, 2);
  const reader = bus.subscribe("r");
  await readTo(reader, 2);
  for (const suffix of ["", "-wal", "-shm"]) rmSync(folder.file + suffix);
  await until("it is noticed", () => {
    publish(bus, "other", 1);
    return said.length > 0;
  });
  assertMatch(said[0]!, /^The file was deleted or replaced .*, up to \d+ events, is gone/);
  assertEquals(await readAll(reader), []);
  assertEquals(reader.ended, "evicted");
  publish(bus, "r", 3);
  const resumed = bus.subscribe("r", { after: reader.cursor });
  assertEquals(summarize(await readTo(resumed, 3)), ["gap:new_epoch 1-0", 3]);
  await bus.close();
  await using again = sqliteBus({ path: folder.file });
  assertEquals(summarize(await readTo(again.subscribe("r"), 3)), [3]);
  await again.close();
  folder.remove();
});

test("sqliteBus() takes events that somebody spoiled for gaps", async () => {
  const folder = makeFolder();
  {
    await using bus = sqliteBus({ path: folder.file });
    publish(bus, "r", 1, 2, 3, 4);
    bus.closeStream("r");
  }
  inDatabase(folder.file, "UPDATE locus_events SET data = '{\"n\":' WHERE seq = 2");
  inDatabase(folder.file, "UPDATE locus_events SET type = 'a' || char(10) || 'b' WHERE seq = 3");
  await using bus = sqliteBus({ path: folder.file });
  const texts = summarize(await readAll(bus.subscribe("r")));
  assertEquals(texts, [1, "gap:evicted 2-2", "gap:evicted 3-3", 4]);
  await bus.close();
  folder.remove();
});

test("sqliteBus() orders events by their numbers, whatever the clock says", async () => {
  const folder = makeFolder();
  const { now } = Date;
  await using bus = sqliteBus({ path: folder.file });
  try {
    publish(bus, "r", 1);
    await bus.flushed();
    Date.now = () => now() - 3_600_000;
    publish(bus, "r", 2);
    bus.closeStream("r");
    const events = await readAll(bus.subscribe("r"));
    assertEquals(summarize(events), [1, 2]);
    assert((events[1] as AnyEvent).timestamp < (events[0] as AnyEvent).timestamp);
  } finally {
    Date.now = now;
  }
  await bus.close();
  folder.remove();
});

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

async function makeFile(file: string): Promise<void> {
  await using bus = sqliteBus({ path: file });
  publish(bus, "r", 1);
}

function inDatabase(file: string, sql: string): void {
  const database = openSqlite(file)!;
  database.exec(sql);
  database.close();
}

/** How many pages the file may have. */
function limit(database: ReturnType<typeof openSqlite>, pages: number): void {
  database!.prepare(`PRAGMA max_page_count = ${pages}`).all();
}
