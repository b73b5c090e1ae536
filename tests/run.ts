/**
 * The test command: every test file on every runtime, one summary line a runtime.
 *
 * Prints a dot for a file that passed, and everything about one that did not. Exits with 1 if
 * anything failed, or if a runtime that was asked for ran no test. The one exception is the browser: where
 * there is none, its files are skipped (but not with `CI=true`).
 *
 * In CI, where a machine may stand still at any moment, a file that failed beside others is run once more, alone. If it
 * passes then, it is called unsteady, with all that it said the first time: a fault to mend, but not of the change at hand.
 *
 * @module
 */
import { runAgain } from "./harness/run/again.ts";
import { NoBinaryError } from "./harness/run/binaries.ts";
import { OptionError, type Options, parseOptions, usage } from "./harness/run/options.ts";
import {
  isGood,
  namesOfFailures,
  printResult,
  sentence,
  slowest,
  sum,
  type Tally,
  tally,
} from "./harness/run/outcome.ts";
import { filesUnder } from "./harness/run/paths.ts";
import { killOnInterrupt } from "./harness/run/process.ts";
import { type FileResult, runFile } from "./harness/run/run_file.ts";
import {
  isOptional,
  prepare,
  type Runtime,
  type RuntimeName,
  takes,
} from "./harness/run/runtimes.ts";

/** As many files at once as there are processors, but few: one more makes all slower, and limits are of time. */
const parallel = Math.min(navigator.hardwareConcurrency, 4);

const isCi = Deno.env.get("CI") === "true";

const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };

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

async function main({ filters, runtimes, limitMs }: Options): Promise<number> {
  const files = filesUnder("tests", "_test.ts")
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  // All downloads come first: none may count against a test file's limit.
  const prepared: [RuntimeName, Runtime | NoBinaryError][] = [];
  for (const name of runtimes) prepared.push([name, await prepareIfThere(name)]);

  const lines: string[] = [];
  // Said once more at the end, where everybody looks first.
  const complaints: string[] = [];
  let total = nothing;
  let isIdle = false;
  for (const [name, runtime] of prepared) {
    const own = files.filter((file) => takes(name, file));
    const isMissing = runtime instanceof NoBinaryError;
    const outcome = own.length === 0
      ? nothing
      : isMissing
      ? { ...nothing, skipped: own.length }
      : await runOn(name, runtime, own, limitMs, complaints);
    total = sum(total, outcome);
    const ran = outcome.passed + outcome.failed > 0;
    const isSkipped = isMissing && isOptional(name) && own.length > 0;
    // A filter may leave one runtime nothing to do, but not all of them.
    isIdle ||= isSkipped ? isCi : !ran && filters.length === 0;
    const reason = own.length === 0
      ? "it ran no test: no file for it"
      : isSkipped
      ? `whole files: ${runtime.message}${isCi ? "; CI must have it" : ""}`
      : `it ran no test: ${isMissing ? runtime.message : "all skipped"}`;
    lines.push(`${name.padEnd(8)} ${sentence(outcome)}${ran ? "" : ` (${reason})`}`);
  }
  if (complaints.length > 0) console.log(`\n${complaints.join("\n")}`);
  console.log(`\n${lines.join("\n")}\n\n${sentence(total)}`);
  return total.failed > 0 || total.passed === 0 || isIdle ? 1 : 0;
}

async function prepareIfThere(name: RuntimeName): Promise<Runtime | NoBinaryError> {
  try {
    return await prepare(name);
  } catch (error) {
    if (error instanceof NoBinaryError) return error;
    throw error;
  }
}

async function runOn(
  name: RuntimeName,
  runtime: Runtime,
  files: string[],
  limitMs: number,
  complaints: string[],
): Promise<Tally> {
  write(`${name.padEnd(8)} `);
  const first = await runAll(runtime, files, limitMs);
  const results = isCi ? await runAgain(first, (file) => runOne(runtime, file, limitMs)) : first;
  write("\n");
  for (const [index, result] of first.entries()) {
    const isUnsteady = results[index] !== result;
    printResult(name, result, isUnsteady);
    complaints.push(...namesOfFailures(name, result, isUnsteady));
  }
  write(`seconds  ${name}  ${slowest(results)}\n`);
  return tally(results);
}

async function runAll(runtime: Runtime, files: string[], limitMs: number): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const waiting = files.values();
  const work = async () => {
    // The iterator is shared, so each file is taken once.
    for (const file of waiting) {
      results.push(await runOne(runtime, file, limitMs));
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return results.sort((a, b) => a.file < b.file ? -1 : 1);
}

async function runOne(runtime: Runtime, file: string, limitMs: number): Promise<FileResult> {
  const result = await runFile(runtime, file, limitMs);
  write(isGood(result) ? "." : "F");
  return result;
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
