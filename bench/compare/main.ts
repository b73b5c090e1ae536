/**
 * `deno task bench:compare A B`: how much faster or slower commit B is than commit A, in minutes.
 *
 * Each bench runs in a process of its own, A and B in turn and in changing order, so that what else the machine does meets
 * both. What is printed is the median of the rounds' ratios, the least and the most of them, and the ratio of a peer's
 * unchanged code as control: ignore a change unless it is clearly larger than the control's.
 *
 * @module
 */
import { killOnInterrupt } from "../../tests/harness/run/process.ts";
import { CaseError, runCase, takes } from "../run/cases.ts";
import { prepare, type ReadyRuntime } from "../run/runtimes.ts";
import type { CaseResult } from "../support/case.ts";
import { argumentsOf, type ComparedCase, comparedCases } from "./cases.ts";
import { checkOut, CommitError, parentOf, type Sides } from "./commits.ts";
import { type CompareOptions, OptionError, parseOptions, usage } from "./options.ts";
import { type Pair, ratiosOf, toLines } from "./ratios.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  try {
    await compare(parseOptions(args));
    return 0;
  } catch (error) {
    if (!(error instanceof OptionError || error instanceof CommitError)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function compare(
  { before, after, parent, rounds, limitMs, runtimes, filters }: CompareOptions,
): Promise<void> {
  const started = performance.now();
  const cases = comparedCases.filter(({ label, name }) =>
    filters.length === 0 || filters.some((part) => label.includes(part) || name.includes(part))
  );
  if (cases.length === 0) {
    const names = comparedCases.map(({ label }) => label).join(", ");
    throw new OptionError(`No bench has such a name; there are: ${names}`);
  }
  if (parent) {
    const found = parentOf();
    if ("missing" in found) return console.log(`skip bench:compare: ${found.missing}`);
    before = found.commit;
  }
  const ready: ReadyRuntime[] = [];
  for (const name of runtimes) ready.push(await prepare(name));
  const sides = checkOut(before!, after);
  // Also when the command is interrupted.
  globalThis.addEventListener("unload", sides.remove);
  killOnInterrupt();
  try {
    console.log(`before: ${sides.before.label}\nafter:  ${sides.after.label}`);
    await compareAll(sides, cases, ready, rounds, () => performance.now() - started > limitMs);
  } finally {
    sides.remove();
  }
}

async function compareAll(
  sides: Sides,
  cases: readonly ComparedCase[],
  runtimes: readonly ReadyRuntime[],
  rounds: number,
  isLate: () => boolean,
): Promise<void> {
  const tasks = runtimes.flatMap((runtime) =>
    cases.filter(({ name }) => takes(runtime, name))
      .map((compared) => ({ runtime, compared, pairs: [] as Pair[], problem: "" }))
  );
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      if (task.problem !== "" || isLate()) continue;
      try {
        task.pairs.push(await runPair(sides, task.runtime, task.compared, round));
      } catch (error) {
        if (!(error instanceof CaseError)) throw error;
        task.problem = error.message;
      }
    }
  }
  for (const { name, version } of runtimes) {
    const own = tasks.filter(({ runtime }) => runtime.name === name);
    const most = Math.max(...own.map(({ pairs }) => pairs.length));
    console.log(`\n${name} ${version}, ${most} ${most === 1 ? "round" : "rounds"}`);
    for (const line of toLines(own.flatMap(({ compared, pairs }) => ratiosOf(compared, pairs)))) {
      console.log(line);
    }
    for (const { compared: { label }, problem, pairs } of own) {
      if (problem !== "") console.log(`  skip ${label}: ${problem.trimEnd()}`);
      else if (pairs.length === 0) console.log(`  skip ${label}: no time was left`);
    }
  }
}

async function runPair(
  { before, after }: Sides,
  runtime: ReadyRuntime,
  compared: ComparedCase,
  round: number,
): Promise<Pair> {
  const run = async (side: keyof Pair): Promise<CaseResult> => {
    const { folder } = { before, after }[side];
    try {
      return await runCase(runtime, compared.name, { args: argumentsOf(compared), cwd: folder });
    } catch (error) {
      if (error instanceof CaseError) error.message = `${side}: ${error.message}`;
      throw error;
    }
  };
  // Nobody is always the one that finds the caches warm.
  if (round % 2 === 0) {
    const first = await run("before");
    return { before: first, after: await run("after") };
  }
  const first = await run("after");
  return { after: first, before: await run("before") };
}
