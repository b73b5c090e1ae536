/**
 * Runs the tests of one bundled file, wherever it was loaded, and writes the report.
 *
 * @module
 */
import type { TestCase } from "../run/report.ts";
import type { Registered } from "./registered_tests.ts";

/** The module that stands in for `node:test` in a bundle. */
export const testModule = "./tests/harness/support/registered_tests.ts";

/** A bundle of a test file, loaded where its tests are to run. */
export interface LoadedTests {
  list(): Promise<Registered[]>;
  /** Runs one test: null, or its error. */
  run(index: number): Promise<string | null>;
  /** Ends everything that was started for it. */
  close(): Promise<void>;
}

/** The main program of a harness: `<harness> <test file> <report>`. */
export async function main(load: (file: string) => Promise<LoadedTests>): Promise<void> {
  const [file, report] = Deno.args;
  if (!file || !report) throw new TypeError("Expected two arguments: <test file> <report>");
  const tests = await load(file);
  try {
    const cases = await runAll(tests);
    for (const { name, status, detail } of cases) {
      console.log(`${status} ${name}${detail ? `\n${detail}` : ""}`);
    }
    await Deno.writeTextFile(report, JSON.stringify(cases));
    Deno.exitCode = cases.some(({ status }) => status === "failed") ? 1 : 0;
  } finally {
    await tests.close();
  }
}

async function runAll(tests: LoadedTests): Promise<TestCase[]> {
  const cases: TestCase[] = [];
  for (const [index, { name, skip }] of (await tests.list()).entries()) {
    if (skip !== false) {
      cases.push({ name, status: "skipped", detail: skip === true ? "" : skip });
      continue;
    }
    const error = await tests.run(index);
    cases.push({ name, status: error === null ? "passed" : "failed", detail: error ?? "" });
  }
  return cases;
}
