/**
 * `deno task bench`: every case on every runtime, beside the peers, and how far the goals are met.
 *
 * One case after the other, one process at a time: whatever else runs on the machine is measured too.
 * Exits with 1 if a case fails, which includes a subject that lost an event; not if a goal is missed.
 *
 * @module
 */
import { killOnInterrupt } from "../tests/harness/run/process.ts";
import { type CaseResult, toTable } from "./support/case.ts";
import { type CaseName, caseNames, type CaseOptions, runCase, takes } from "./run/cases.ts";
import { OptionError, type Options, parseOptions, usage } from "./run/options.ts";
import { pageCases, shortArguments } from "./run/page_cases.ts";
import { writeResults } from "./run/results_file.ts";
import { prepare, type ReadyRuntime } from "./run/runtimes.ts";
import { goalLines, medianResult, type Runs } from "./run/summary.ts";

if (import.meta.main) {
  if (Deno.args.includes("--help")) {
    console.log(usage);
    Deno.exit(0);
  }
  try {
    killOnInterrupt();
    Deno.exit(await main(parseOptions(Deno.args)));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

async function main(options: Options): Promise<number> {
  const { filters, runtimes, runs: count, quick, write, limitMs } = options;
  const [started, [load = 0]] = [performance.now(), Deno.loadavg()];
  const names = (write ? pageCases : [...caseNames])
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)));
  if (names.length === 0) {
    throw new OptionError(`No case has such a name; there are: ${caseNames.join(", ")}`);
  }
  const ready: ReadyRuntime[] = [];
  for (const name of runtimes) ready.push(await prepare(name));

  const runs = new Map(ready.map(({ name }) => [name, Array.from({ length: count }, newRun)]));
  const failed: string[] = [];
  // All runtimes and all cases before the next run: what is slow for a while is slow for one run only.
  for (let i = 0; i < count; i++) {
    for (const runtime of ready) {
      for (const name of names.filter((name) => takes(runtime, name))) {
        if (performance.now() - started > limitMs) continue;
        const args = write ? shortArguments(name) : [];
        const isGood = await runOne(runtime, name, { quick, args }, runs.get(runtime.name)![i]!);
        if (!isGood) failed.push(`${name} on ${runtime.name}`);
      }
    }
  }
  if (quick) console.log("\nA quick run: no figure means anything, and no goal is judged.");
  else printResults(runs, ready, names);
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(", ")}`);
  if (write) {
    const minutes = Math.ceil((performance.now() - started) / 60_000);
    await writeResults(runs, { runtimes: ready, load, minutes, failed });
  }
  return failed.length > 0 ? 1 : 0;
}

function printResults(runs: Runs, ready: readonly ReadyRuntime[], names: CaseName[]): void {
  for (const { name, version } of ready) {
    console.log(`\n=== ${name} ${version} ===`);
    for (const caseName of names) {
      const result = medianResult(runs.get(name)!, caseName);
      if (result) console.log(`\n${toTable(result)}`);
    }
  }
  console.log(`\n${goalLines(runs).join("\n")}`);
}

function newRun(): Map<CaseName, CaseResult> {
  return new Map();
}

async function runOne(
  runtime: ReadyRuntime,
  name: CaseName,
  options: CaseOptions,
  run: Map<CaseName, CaseResult>,
): Promise<boolean> {
  const start = performance.now();
  try {
    run.set(name, await runCase(runtime, name, options));
  } catch (error) {
    console.error(`FAILED  ${error instanceof Error ? error.message : error}`);
    return false;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${runtime.name.padEnd(5)} ${name} (${seconds} s)`);
  return true;
}
