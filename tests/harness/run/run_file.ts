/**
 * Runs one test file on one runtime and judges what came of it.
 *
 * @module
 */
import { runProcess } from "./process.ts";
import { explainSkips, type TestCase } from "./report.ts";
import type { Runtime } from "./runtimes.ts";

/** What came of a file. */
export interface FileResult {
  file: string;
  cases: TestCase[];
  /** Why the file as a whole failed, whatever its tests say; null when it did not. */
  problem: string | null;
  output: string;
  ms: number;
}

/** A file may take this many times the limit of a test, however many tests are in it. */
const testsInAFile = 6;

/**
 * Runs `file`, and kills it when no test of it has ended for `limitMs`. So a slow machine, or a file with many
 * tests, fails nothing, and a test that hangs is found as soon as before.
 *
 * A report alone is not believed: a file fails as well when it registers no test, when it does not
 * end, or when its process ends badly without a failed test (an import that fails, an error after
 * the last test).
 */
export async function runFile(
  runtime: Runtime,
  file: string,
  limitMs: number,
): Promise<FileResult> {
  const report = await Deno.makeTempFile({ prefix: "report-" });
  const start = performance.now();
  try {
    const { code, output, killed } = await runProcess(runtime.command(file, report), {
      totalMs: testsInAFile * limitMs,
      silentMs: limitMs,
    });
    const text = await Deno.readTextFile(report);
    const cases = explainSkips(file, text && !killed ? runtime.read(text) : [], output);
    const problem = killed
      ? `killed: no test ended within ${
        limitMs / 1000
      } s, or the file within ${testsInAFile} times as long ` +
        "(a test hangs, or something it started is still running)"
      : judge(code, cases);
    return { file, cases, problem, output, ms: performance.now() - start };
  } finally {
    await Deno.remove(report);
  }
}

function judge(code: number, cases: TestCase[]): string | null {
  if (code !== 0 && !cases.some(({ status }) => status === "failed")) {
    return `its process ended with code ${code}, and no test says why`;
  }
  return cases.length === 0 ? "it registered no test" : null;
}
