/**
 * Reading what is stored in an SQLite file: a long run from its beginning, and opening a large file.
 *
 * Method of the replay: a run of 100,000 events in a file that was closed; its readers come one after the other, and what is
 * timed is subscribing and reading all of it, `ns` an event. Beside it the same events as lines of JSON, read as a whole and
 * parsed. Method of opening: a file of 1 GB, of 2,000 runs with 250 events of 2 KB each, and one of a thousandth of it, which
 * has 2 runs; `ns` for opening the bus, listing the 50 newest runs, and closing it. Its rows are written by SQLite itself.
 * Figures are the median and minimum of the rounds, the contenders in turns. Every reader checks that it gets all.
 *
 * Run alone: `deno run -A bench/stored_reading.ts`, or the same file with `bun` or `node`.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../src/runtime/sqlite.ts";
import { sqliteBus } from "../src/transports/sqlite.ts";
import { type Effort, type Row, runCase, verify } from "./support/case.ts";
import { EVENT_TYPE, makePayload, RUN_ID } from "./support/event.ts";
import { collectGarbage, compare, type Contender } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const folder = mkdtempSync(join(tmpdir(), "locus-bench-"));
const path = (name: string) => join(folder, name);
// Nothing of the large file is to be deleted.
const bounds = { maxStoredBytes: 2 ** 40 };

await runCase("read what is stored in a file", async (effort: Effort): Promise<Row[]> => {
  try {
    return [...await replay(effort), ...await opening(effort)];
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function replay(effort: Effort): Promise<Row[]> {
  const events = effort.quick ? 1_000 : 100_000;
  await writeRun(events);
  await using bus = sqliteBus({ path: path("runs.db"), readOnly: true });
  const timings = await compare(
    [
      reader("Locus, for await", events, async () => {
        let n = 0;
        for await (const { data } of bus.subscribe(RUN_ID)) n += isNext(data, n);
        return n;
      }),
      reader("Locus, batches of 500", events, async () => {
        let n = 0;
        for await (const batch of bus.subscribe(RUN_ID).batches({ maxEvents: 500 })) {
          for (const { data } of batch) n += isNext(data, n);
        }
        return n;
      }),
      reader("lines of JSON, read and parsed", events, () => {
        let n = 0;
        for (const line of readFileSync(path("run.ndjson"), "utf8").split("\n")) {
          if (line !== "") n += isNext(JSON.parse(line).data, n);
        }
        return n;
      }),
    ],
    effort,
    events,
  );
  return rowsOf(timings, `replay of ${events.toLocaleString("en-US")}`);
}

async function opening(effort: Effort): Promise<Row[]> {
  const runs = effort.quick ? 20 : 2_000;
  fill(path("large.db"), runs);
  fill(path("small.db"), 2);
  const timings = await compare(
    ["large", "small"].map((name) => opener(name, path(`${name}.db`))),
    effort,
    1,
  );
  return rowsOf(timings, "open, list 50 runs, close");
}

function reader(
  subject: string,
  events: number,
  read: () => number | Promise<number>,
): Contender {
  return {
    subject,
    async run(count) {
      let ms = 0;
      for (let done = 0; done < count; done += events) {
        collectGarbage();
        const elapsed = startStopwatch();
        const got = await read();
        ms += elapsed();
        verify(got === events, () => `${subject} got ${got} events`);
      }
      return ms;
    },
  };
}

function opener(name: string, file: string): Contender {
  const megabytes = Math.max(1, Math.round(statSync(file).size / 1e6));
  return {
    subject: `Locus, ${name} file: ${megabytes} MB`,
    async run(times) {
      let ms = 0;
      for (let n = 0; n < times; n++) {
        const elapsed = startStopwatch();
        const bus = sqliteBus({ path: file, ...bounds });
        const { runs } = await bus.findRuns({ limit: 50 });
        await bus.close();
        ms += elapsed();
        verify(runs.length >= 2, () => `${name} has ${runs.length} runs`);
      }
      return ms;
    },
  };
}

async function writeRun(events: number): Promise<void> {
  await using bus = sqliteBus({ path: path("runs.db") });
  const lines: string[] = [];
  for (let n = 0; n < events; n++) {
    const event = { run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) } as const;
    bus.publish(event);
    lines.push(JSON.stringify({ event_id: `0-${n + 1}`, timestamp: new Date(), ...event }));
    if (n % 1_000 === 999) await bus.flushed();
  }
  bus.closeStream(RUN_ID);
  await bus.flushed();
  writeFileSync(path("run.ndjson"), lines.join("\n"));
}

/** Makes a file of so many runs of 250 events of 2 KB. */
function fill(file: string, runs: number): void {
  void sqliteBus({ path: file, ...bounds }).close();
  const database = openSqlite(file)!;
  const now = Date.now();
  const numbers = (count: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  database.exec(`BEGIN;
    ${
    numbers(runs)
  } INSERT INTO locus_runs(id, run_id, epoch, head, tail, closed, continued, dropped, bytes, created,
      updated, touched) SELECT i, 'run-' || i, 'e', 250, 1, 1, 0, 0, 500000, ${now}, ${now}, i FROM n;
    ${
    numbers(runs * 250)
  } INSERT INTO locus_events SELECT i, (i + 249) / 250, (i + 249) % 250 + 1, '${EVENT_TYPE}',
      ${now}, json_object('n', i, 'text', hex(zeroblob(900))) FROM n;
    UPDATE locus_meta SET orders = ${runs * 250}, changes = ${runs};
    COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
}

function isNext(data: object, n: number): number {
  verify((data as { n: number }).n === n, () => `expected ${n}, got ${JSON.stringify(data)}`);
  return 1;
}

function rowsOf(timings: Awaited<ReturnType<typeof compare>>, setting: string): Row[] {
  return Array.from(timings, ([subject, timing]) => ({ subject, setting, figures: { ...timing } }));
}
