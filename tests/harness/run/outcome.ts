/**
 * What a run says at its end: each file that failed, each test that was skipped, and the totals.
 *
 * @module
 */
import type { TestCase } from "./report.ts";
import type { FileResult } from "./run_file.ts";
import type { RuntimeName } from "./runtimes.ts";

/** How many tests ended how. A file that failed as a whole counts as one failed test more. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts the tests of some files. */
export function tally(results: readonly FileResult[]): Tally {
  const statuses = results.flatMap(({ cases }) => cases).map(({ status }) => status);
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  const problems = results.filter(({ problem }) => problem !== null).length;
  return { passed: count("passed"), failed: count("failed") + problems, skipped: count("skipped") };
}

/** Adds two tallies. */
export function sum(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** The closing line of a tally. */
export function sentence({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Whether a file passed, skips aside. */
export function isGood({ cases, problem }: FileResult): boolean {
  return problem === null && cases.every(({ status }) => status !== "failed");
}

/** Prints the skips of a file, and everything it wrote if it failed. */
export function printResult(name: RuntimeName, result: FileResult, isUnsteady = false): void {
  const { file, cases, output, ms } = result;
  for (const line of skips(cases)) console.log(`skipped  ${name}  ${file} > ${line}`);
  if (isGood(result)) return;
  console.log(
    `\n${isUnsteady ? "UNSTEADY" : "FAILED  "} ${name}  ${file} (${(ms / 1000).toFixed(1)} s)`,
  );
  console.log(output.trimEnd().replace(/^/gm, "  | "));
  console.log(namesOfFailures(name, result, isUnsteady).join("\n"));
}

/** A line for each test that failed, and one for the file if it failed as a whole; "unsteady" where it passed afterwards. */
export function namesOfFailures(
  name: RuntimeName,
  { file, cases, problem }: FileResult,
  isUnsteady: boolean,
): string[] {
  const word = isUnsteady ? "unsteady" : "failed  ";
  const tests = cases.filter(({ status }) => status === "failed")
    .map((test) => `${word} ${name}  ${file} > ${test.name}`);
  return problem === null ? tests : [...tests, `${word} ${name}  ${file}: ${problem}`];
}

/** One line a reason: the name of the test that was skipped for it, or how many were. */
export function skips(cases: readonly TestCase[]): string[] {
  const skipped = cases.filter(({ status }) => status === "skipped");
  return [...Map.groupBy(skipped, ({ detail }) => detail)].map(([reason, tests]) =>
    `${tests.length === 1 ? tests[0]!.name : `${tests.length} tests`}: ${reason}`
  );
}

/** The files that took longest, and all files together, in seconds: where the time of a run goes. */
export function slowest(results: readonly FileResult[], count = 8): string {
  const seconds = (ms: number) => Math.round(ms / 1000);
  const files = results.toSorted((a, b) => b.ms - a.ms).slice(0, count)
    .map(({ file, ms }) => `${file} ${seconds(ms)}`);
  return `${seconds(results.reduce((sum, { ms }) => sum + ms, 0))} s in all; ${files.join(", ")}`;
}
