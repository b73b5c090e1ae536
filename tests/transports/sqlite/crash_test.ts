/**
 * `kill -9` at any moment: what a reader has seen, and what `append()` has said to be stored, is in the file, once and in
 * order, under the id that it had; and whoever comes back goes on exactly.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { within } from "../../contract/observe.ts";
import { RUNTIME } from "../processes.ts";
import { APPENDED, type CrashLine, type CrashSettings, createRandom, RUNS } from "./crash_child.ts";
import { makeFolder } from "./folder.ts";

const ROUNDS = Number(process.env.LOCUS_CRASH_ROUNDS ?? 24);
const SEED = Number(process.env.LOCUS_CRASH_SEED ?? Math.floor(Math.random() * 1e9));

// What is checked each time grows with the file; and a few processes are started in time also on a busy machine.
const PER_FILE = ROUNDS > 100 ? 40 : 4;

const random = createRandom(SEED);
for (let done = 0; done < ROUNDS; done += PER_FILE) {
  const [rounds, seed] = [Math.min(PER_FILE, ROUNDS - done), SEED + done];
  test(`sqliteBus() loses nothing that was seen, killed ${rounds} times (seed ${seed})`, async () => {
    await killOften(rounds, seed, random);
  });
}

async function killOften(rounds: number, seed: number, random: () => number): Promise<void> {
  const folder = makeFolder();
  const log = join(folder.path, "log.ndjson");
  try {
    let checked = 0;
    for (let round = 0; round < rounds; round++) {
      const settings = { file: folder.file, log, seed: seed + round };
      // From the first line on, any moment is as good as another.
      await killAfter(1 + Math.floor(random() * 400), settings);
      checked = await check(folder.file, linesOf(log), random);
    }
    assert(checked > rounds, "something was checked");
  } finally {
    folder.remove();
  }
}

interface Row {
  readonly run_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly data: string;
}

/** Compares what was written down with the file, offline, and then through a bus. How many events that were. */
async function check(file: string, lines: CrashLine[], random: () => number): Promise<number> {
  const database = openSqlite(file)!;
  const rows = database.prepare(
    `SELECT r.run_id, r.epoch, e.seq, e.data FROM locus_events e JOIN locus_runs r ON r.id = e.run ORDER BY e.id`,
  ).all() as Row[];
  const [{ ok }] = database.prepare("SELECT integrity_check AS ok FROM pragma_integrity_check()")
    .all() as [{ ok: string }];
  assertEquals(ok, "ok");
  database.close();
  const held = new Map<string, number>();
  const heads = new Map<string, number>();
  for (const { run_id, epoch, seq, data } of rows) {
    const { n } = JSON.parse(data) as { n: number };
    // Nothing is doubled, missing or out of order: what was never stored got no number.
    assertEquals([seq, n], [(heads.get(run_id) ?? 0) + 1, seq], run_id);
    heads.set(run_id, seq);
    held.set(`${run_id} ${epoch}-${seq}`, n);
  }
  let stored = 0;
  for (const line of lines) {
    assert(!("gap" in line), `a gap was announced: ${JSON.stringify(line)}`);
    if ("stored" in line) stored = Math.max(stored, line.stored);
    else assertEquals(held.get(`${line.run} ${line.seen}`), line.n, JSON.stringify(line));
  }
  assert((heads.get(APPENDED) ?? 0) >= stored, "what append() said to be stored is there");
  await resumeSomewhere(file, lines, heads, random);
  return rows.length;
}

/** A reader that was anywhere goes on from there. */
async function resumeSomewhere(
  file: string,
  lines: readonly CrashLine[],
  heads: ReadonlyMap<string, number>,
  random: () => number,
): Promise<void> {
  await using bus = sqliteBus({ path: file });
  for (const run of RUNS) {
    const seen = lines.filter((line) => "seen" in line && line.run === run);
    const line = seen[Math.floor(random() * seen.length)];
    if (line === undefined || !("seen" in line)) continue;
    const reader = bus.subscribe(run, { after: line.seen });
    assertEquals(reader.recovery, "exact");
    let { n } = line;
    const events = reader.values();
    while (n < heads.get(run)!) {
      const { value } = await within("the next event", events.next());
      assertEquals((value!.data as { n: number }).n, ++n);
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
