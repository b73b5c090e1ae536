/**
 * `deno task faults`: proves that the tests of the bus, of its readers, of the bridges and of graphs notice mistakes.
 *
 * Each fault is planted, alone, into a copy of the sources, and the tests that are to notice it are run there.
 * They must fail, and as tests: a copy that does not even load proves nothing. The copy without any fault must
 * pass. The seed is fixed, so that the answer is the same tomorrow; another one is given in
 * `LOCUS_PROPERTY_SEED`.
 *
 * Arguments are parts of names of faults, to try only those: `deno task conformance` tries the kills of the streams of
 * `docs/conformance`.
 *
 * @module
 */
import { killOnInterrupt } from "../run/process.ts";
import { a2aFaults } from "./a2a_faults.ts";
import { bridgeFaults } from "./bridge_faults.ts";
import { coreFaults, type Fault } from "./faults.ts";
import { graphFaults } from "./graph_faults.ts";
import { readerFaults } from "./reader_faults.ts";
import { nameFilter, SourceCopy, type TestRun } from "./source_copy.ts";
import { sqliteFaults } from "./sqlite_faults.ts";
import { transportFaults } from "./transport_faults.ts";

const faults = [
  ...coreFaults,
  ...transportFaults,
  ...sqliteFaults,
  ...bridgeFaults,
  ...graphFaults,
  ...readerFaults,
  ...a2aFaults,
];

const DEFAULT_SEED = "20240229";

/** As many at a time as there are processors, but few: each is a whole run of tests. */
const parallel = Math.min(navigator.hardwareConcurrency, 4);

if (import.meta.main) {
  killOnInterrupt();
  Deno.exit(await main(Deno.args.filter((arg) => arg !== "--")));
}

async function main(filters: string[]): Promise<number> {
  const seed = Deno.env.get("LOCUS_PROPERTY_SEED") ?? DEFAULT_SEED;
  Deno.env.set("LOCUS_PROPERTY_SEED", seed);
  // Nobody reads the counterexamples.
  Deno.env.set("LOCUS_PROPERTY_SHRINK", "off");
  const chosen = faults
    .filter(({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new TypeError(`No fault's name contains ${filters.join(" or ")}`);
  const lost = chosen.filter((fault) => !fits(fault));
  for (const fault of lost) {
    console.error(`"${fault.name}": its text is not in ${SourceCopy.source(fault)} exactly once`);
  }
  if (lost.length > 0) return 1;

  const copies = await Promise.all(Array.from({ length: parallel }, () => SourceCopy.create()));
  try {
    const sound = await checkSound(chosen, copies);
    if (sound === null) return 1;
    const results = await plantAll(chosen, copies, sound);
    return report(results, seed);
  } finally {
    for (const copy of copies) await copy.remove();
  }
}

function fits(fault: Fault): boolean {
  return Deno.readTextFileSync(SourceCopy.original(fault)).split(fault.find).length === 2;
}

/**
 * How many tests are to notice each fault, or null if they do not all pass where nothing was planted. Those of a file run
 * together.
 */
async function checkSound(
  chosen: readonly Fault[],
  copies: readonly SourceCopy[],
): Promise<Map<Fault, number> | null> {
  const counts = new Map<Fault, number>();
  let isSound = true;
  const files = Map.groupBy(chosen, ({ area, caughtBy: { file } }) => `${area}/${file}`);
  await work([...files.values()], copies, async (faults, copy) => {
    const [{ area, caughtBy: { file } }] = faults as [Fault];
    const names = [...new Set(faults.map(({ caughtBy: { test } }) => test))];
    const run = await copy.test({ area, file, names });
    for (const fault of faults) {
      const filter = nameFilter([fault.caughtBy.test]);
      counts.set(fault, run.names.filter((name) => filter.test(name)).length);
    }
    const unknown = faults.filter((fault) => counts.get(fault) === 0);
    if (unknown.length === 0 && run.failed === 0 && !run.isBroken) return;
    isSound = false;
    for (const { caughtBy: { test } } of unknown) console.error(`${file} has no test "${test}"`);
    console.error(`Without a fault, the tests of ${file} do not all pass:\n${run.output}`);
  });
  return isSound ? counts : null;
}

interface Result {
  readonly fault: Fault;
  readonly run: TestRun;
  readonly isCaught: boolean;
}

async function plantAll(
  chosen: readonly Fault[],
  copies: readonly SourceCopy[],
  sound: ReadonlyMap<Fault, number>,
): Promise<Result[]> {
  const results: Result[] = [];
  await work(chosen, copies, async (fault, copy) => {
    const { area, caughtBy: { file, test } } = fault;
    const run = await copy.with(fault, () => copy.test({ area, file, names: [test] }));
    const expected = sound.get(fault)!;
    // Every test has to have been there, or the fault broke the sources and not a promise.
    const isCaught = run.failed > 0 && run.passed + run.failed === expected;
    results.push({ fault, run, isCaught });
  });
  return results.sort((a, b) => faults.indexOf(a.fault) - faults.indexOf(b.fault));
}

function report(results: readonly Result[], seed: string): number {
  const rows = results.map(({ fault, run, isCaught }) => [
    isCaught ? "caught" : "MISSED",
    fault.name,
    fault.file,
    `${fault.caughtBy.file} > ${fault.caughtBy.test}`,
    `${(run.ms / 1000).toFixed(1)} s`,
  ]);
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i]!)).join("  "));
  const missed = results.filter(({ isCaught }) => !isCaught);
  for (const { fault, run } of missed) console.error(`\n"${fault.name}":\n${run.output}`);
  console.log(`\n${results.length - missed.length} of ${results.length} caught (seed ${seed})`);
  return missed.length > 0 ? 1 : 0;
}

/** Hands out jobs, one at a time to each copy. */
async function work<T>(
  jobs: readonly T[],
  copies: readonly SourceCopy[],
  run: (job: T, copy: SourceCopy) => Promise<void>,
): Promise<void> {
  // The iterator is shared, so each job is taken once.
  const waiting = jobs.values();
  await Promise.all(copies.map(async (copy) => {
    for (const job of waiting) await run(job, copy);
  }));
}
