/**
 * Publishing where everything is stored in an SQLite file.
 *
 * Method: 1,000 events of one run at a time, then a wait until they are stored, 50,000 a file; otherwise as `publish.ts`.
 * Beside it: the bus in memory; the same rows by a prepared statement, 1,000 a transaction, into the same table by the same
 * SQLite, which is what storing costs by itself; and lines of JSON that are appended to a file, 1,000 at a time. Nothing waits
 * for the disk (`synchronous = NORMAL`), and checkpoints are included. "emit alone" is what the publisher waits for.
 * Afterwards each file is asked how many events it has.
 *
 * Run alone: `deno run -A bench/stored.ts`, or the same file with `bun` or `node`.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBus } from "../mod.ts";
import { openSqlite } from "../src/runtime/sqlite.ts";
import { sqliteBus } from "../src/transports/sqlite.ts";
import { type Effort, type Row, runCase, verify } from "./support/case.ts";
import { EVENT_TYPE, makePayload, RUN_ID } from "./support/event.ts";
import { collectGarbage, compare, type Contender } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

const EVENTS = 50_000;
const AT_ONCE = 1_000;

/** Something that stores events in a file. */
interface Subject {
  /** Takes so many events, from a number on. */
  publish(from: number): void;
  /** Until they are stored. */
  stored(): Promise<void> | void;
  /** How many there are, at the end. */
  close(): Promise<number> | number;
}

await runCase("publish, stored in a file: ns an event", async (effort: Effort): Promise<Row[]> => {
  const contenders = [
    contender("Locus, sqliteBus, stored", sqlite),
    contender("Locus, sqliteBus, emit alone", sqlite, true),
    contender("Locus, in memory", memory),
    contender("prepared inserts, 1,000 a transaction", inserts),
    contender("lines of JSON, 1,000 a write", lines),
  ];
  const timings = await compare(contenders, effort, EVENTS);
  return Array.from(timings, ([subject, timing]) => ({
    subject,
    setting: "",
    figures: { ...timing },
  }));
});

function contender(
  subject: string,
  open: (path: string) => Subject,
  isAlone = false,
): Contender {
  return {
    subject,
    async run(events) {
      let ms = 0;
      for (let done = 0; done < events; done += EVENTS) {
        const folder = mkdtempSync(join(tmpdir(), "locus-bench-"));
        const one = open(join(folder, "runs.db"));
        collectGarbage();
        for (let n = 0; n < EVENTS; n += AT_ONCE) {
          const elapsed = startStopwatch();
          one.publish(n);
          if (isAlone) ms += elapsed();
          await one.stored();
          if (!isAlone) ms += elapsed();
        }
        const kept = await one.close();
        rmSync(folder, { recursive: true });
        verify(kept === EVENTS, () => `${subject} has ${kept} events`);
      }
      return ms;
    },
  };
}

function sqlite(path: string): Subject {
  const bus = sqliteBus({ path });
  return {
    publish: (from) => publishTo(bus, from),
    stored: () => bus.flushed(),
    async close() {
      const [run] = (await bus.findRuns()).runs;
      await bus.close();
      return run!.events;
    },
  };
}

function memory(): Subject {
  const bus = new EventBus({ historyPerRun: EVENTS });
  return {
    publish: (from) => publishTo(bus, from),
    stored() {},
    close: () => bus.stats().published_events_total,
  };
}

function publishTo(bus: Pick<EventBus, "publish">, from: number): void {
  for (let n = from; n < from + AT_ONCE; n++) {
    bus.publish({ run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) });
  }
}

function inserts(path: string): Subject {
  const database = openSqlite(path)!;
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(
    `CREATE TABLE events(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL,
    type TEXT NOT NULL, time INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
    CREATE UNIQUE INDEX place ON events(run, seq)`,
  );
  const insert = database.prepare("INSERT INTO events VALUES(?, ?, ?, ?, ?, ?)");
  return {
    publish(from) {
      database.exec("BEGIN");
      for (let n = from + 1; n <= from + AT_ONCE; n++) {
        insert.run(n, 1, n, EVENT_TYPE, Date.now(), JSON.stringify(makePayload(n)));
      }
      database.exec("COMMIT");
    },
    stored() {},
    close() {
      const [{ n }] = database.prepare("SELECT count(*) AS n FROM events").all() as [{ n: number }];
      database.close();
      return n;
    },
  };
}

function lines(path: string): Subject {
  return {
    publish(from) {
      let text = "";
      for (let n = from; n < from + AT_ONCE; n++) {
        const data = makePayload(n);
        const event = { seq: n + 1, event_type: EVENT_TYPE, time: Date.now(), data };
        text += `${JSON.stringify(event)}\n`;
      }
      appendFileSync(path, text);
    },
    stored() {},
    close: () => readFileSync(path, "utf8").split("\n").length - 1,
  };
}
