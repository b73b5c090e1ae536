/**
 * `kill -9` at any moment: what a reader has seen, and what `append()` has said to be stored, is in the file, once and in
 * order, under the id that it had; and whoever comes back goes on exactly. On a disk that is full now and then, what is lost
 * is said to be lost, in its place, to the last event.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { within } from "../../contract/observe.ts";
import type { AnyEvent } from "../../harness/support/read.ts";
import { RUNTIME } from "../processes.ts";
import { APPENDED, type CrashLine, type CrashSettings, createRandom, RUNS } from "./crash_child.ts";
import { makeFolder, makeSmallDisk, needsDisk } from "./folder.ts";

const ROUNDS = Number(process.env.LOCUS_CRASH_ROUNDS ?? 36);
const SEED = Number(process.env.LOCUS_CRASH_SEED ?? Math.floor(Math.random() * 1e9));

// What is checked each time grows with the file; and a few processes are started in time also on a busy machine.
const PER_FILE = ROUNDS > 100 ? 40 : 4;
const ON_DISK = Math.ceil(ROUNDS / 6);

const random = createRandom(SEED);
for (let done = 0; done < ROUNDS; done += PER_FILE) {
  const [rounds, seed] = [Math.min(PER_FILE, ROUNDS - done), SEED + done];
  test(`sqliteBus() loses nothing that was seen, killed ${rounds} times (seed ${seed})`, async () => {
    await killOften(rounds, seed, random);
  });
}

test(
  `sqliteBus() on a disk that is full now and then loses what it says, killed ${ON_DISK} times (seed ${SEED})`,
  needsDisk(),
  async () => {
    // Larger than what SQLite keeps in its own log, which is 4 MB.
    const lost = await killOften(ON_DISK, SEED, random, makeSmallDisk(8)!);
    assert(lost > 0, "something was lost");
  },
);

/** How many events were lost. */
async function killOften(
  rounds: number,
  seed: number,
  random: () => number,
  disk?: ReturnType<typeof makeFolder>,
): Promise<number> {
  const folder = makeFolder();
  const { file } = disk ?? folder;
  const log = join(folder.path, "log.ndjson");
  const ballast = disk && join(disk.path, "ballast");
  try {
    let lost = 0;
    let events = 0;
    for (let round = 0; round < rounds; round++) {
      // From the first line on, any moment is as good as another.
      await killAfter(1 + Math.floor(random() * 400), { file, log, seed: seed + round, ballast });
      if (ballast) rmSync(ballast, { force: true });
      const checked = await check(file, linesOf(log), random);
      ({ events } = checked);
      lost += checked.lost;
      if (!disk) assertEquals(lost, 0);
    }
    // Not each time: a process may be killed before it has stored anything.
    assert(events > rounds / 2, "something was checked");
    return lost;
  } finally {
    folder.remove();
    disk?.remove();
  }
}

interface Row {
  readonly run_id: string;
  readonly epoch: string;
  readonly head: number;
  readonly tail: number;
  readonly seq: number;
  readonly type: string;
  readonly data: string;
}

/** Compares what was written down with the file, offline, and then through a bus. */
async function check(
  file: string,
  lines: CrashLine[],
  random: () => number,
): Promise<{ readonly events: number; readonly lost: number }> {
  const database = openSqlite(file)!;
  const rows = database.prepare(
    `SELECT r.run_id, r.epoch, r.head, r.tail, e.seq, e.type, e.data FROM locus_events e
     JOIN locus_runs r ON r.id = e.run AND e.seq >= r.tail ORDER BY e.id`,
  ).all() as Row[];
  const [{ ok }] = database.prepare("SELECT integrity_check AS ok FROM pragma_integrity_check()")
    .all() as [{ ok: string }];
  assertEquals(ok, "ok");
  database.close();
  // What stands at each number: the event of it, or the loss that it belongs to.
  const held = new Map<string, string>();
  const runs = new Map<string, { head: number; readonly tail: number }>();
  let lost = 0;
  for (const { run_id, epoch, head, tail, seq, type, data } of rows) {
    const run = runs.get(run_id) ?? { head: tail - 1, tail };
    runs.set(run_id, run);
    if (type === "") {
      const from = Number(data);
      assert(from === run.head + 1 || (run.head < tail && from <= tail), `${run_id}: ${from}`);
      for (let n = Math.max(from, tail); n <= seq; n++) {
        held.set(`${run_id} ${n}`, `lost to ${seq}`);
      }
      lost += seq - run.head;
    } else {
      // Nothing is doubled, missing or out of order: what was never stored, and is not said to be lost, got no number.
      assertEquals([seq, JSON.parse(data).n], [run.head + 1, seq], run_id);
      held.set(`${run_id} ${seq}`, `${epoch}-${seq}`);
    }
    run.head = seq;
    assert(seq <= head);
  }
  let stored = 0;
  const told = new Map<string, number>();
  for (const line of lines) {
    if ("begun" in line) told.clear();
    else if ("stored" in line) stored = Math.max(stored, line.stored);
    else {
      const { run } = line;
      const [from, to] = "seen" in line ? [line.n, line.n] : [line.from, line.to];
      // Each reader was told of everything, in its order.
      assertEquals(from, (told.get(run) ?? from - 1) + 1, JSON.stringify(line));
      told.set(run, to);
      if (to < runs.get(run)!.tail) continue;
      const wanted = "seen" in line ? line.seen : `lost to ${to}`;
      assertEquals(held.get(`${run} ${to}`), wanted, JSON.stringify(line));
    }
  }
  assert((runs.get(APPENDED)?.head ?? 0) >= stored, "what append() said to be stored is there");
  await resumeSomewhere(file, lines, runs, random);
  return { events: rows.length, lost };
}

/** A reader that was anywhere goes on from there. */
async function resumeSomewhere(
  file: string,
  lines: readonly CrashLine[],
  runs: ReadonlyMap<string, { readonly head: number; readonly tail: number }>,
  random: () => number,
): Promise<void> {
  await using bus = sqliteBus({ path: file });
  for (const run of RUNS) {
    const { head, tail } = runs.get(run) ?? { head: 0, tail: 1 };
    const seen = lines.filter((line) => "seen" in line && line.run === run && line.n >= tail);
    const line = seen[Math.floor(random() * seen.length)];
    if (line === undefined || !("seen" in line)) continue;
    const reader = bus.subscribe(run, { after: line.seen });
    assertEquals(reader.recovery, "exact");
    let { n } = line;
    const events = reader.values();
    while (n < head) {
      const { value } = await within("the next event", events.next());
      const { event_type: type, data } = value as AnyEvent;
      if (type === "bus.gap") assertEquals(data.from_seq, n + 1);
      else assertEquals(data.n, n + 1);
      n = (type === "bus.gap" ? data.to_seq : data.n) as number;
    }
    await events.return?.();
  }
}

function linesOf(log: string): CrashLine[] {
  if (!existsSync(log)) return [];
  const whole = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return whole.flatMap((line) => {
    try {
      return [JSON.parse(line) as CrashLine];
    } catch {
      // The process was killed over it, and the next one went on behind it.
      return [];
    }
  });
}

/** Starts a process, and kills it when it has written so many lines: however long that takes on a busy machine. */
async function killAfter(lines: number, settings: CrashSettings): Promise<void> {
  const program = fileURLToPath(new URL("crash_child.ts", import.meta.url));
  const [command = "", ...args] = [...RUNTIME, program, JSON.stringify(settings)];
  const child: ChildProcess = spawn(command, args, {
    cwd: fileURLToPath(new URL("../../../", import.meta.url)),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [written, errors] = [0, ""];
  child.stdout!.on("data", (bytes: Uint8Array) => {
    written += bytes.length;
    if (written >= lines) child.kill("SIGKILL");
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => errors += text);
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
  assert(written >= lines && !errors.includes("rror"), `it ended by itself: ${errors}`);
}
